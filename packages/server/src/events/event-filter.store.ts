import {
  type EventOutcome,
  firstUuidAt,
  idEnding,
  idsFrom,
  MAX_ENDINGS_READ,
} from "@yardmaster/protocol";
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";

/** Which events are meant; all that is given must hold. */
export interface EventFilter {
  /** A type, or the beginning of one and `.*`. */
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly subject?: string | undefined;
  /** Arrived then or later; RFC 3339. */
  readonly since?: string | undefined;
  /** Arrived before; RFC 3339. */
  readonly until?: string | undefined;
  /** Trace id: 32 hexadecimal digits. */
  readonly trace?: string | undefined;
}

/** What a rule said last, over all replays; `unheard`: it never judged. */
export interface LastSaid {
  readonly rule: string;
  readonly outcome: EventOutcome;
  /** A replay: what it has judged already is meant too, so that it can be asked for again. */
  readonly batch: string;
}

export interface ListFilter extends EventFilter {
  /** Hexadecimal digits with which ids begin or end; of those that end so, only of the newest (MAX_ENDINGS_READ). */
  readonly idPrefix?: string | undefined;
  readonly idSuffix?: string | undefined;
  readonly rule?: string | undefined;
  readonly outcome?: EventOutcome | undefined;
  /** Id of the last event of the page before; newest first. */
  readonly before?: string | undefined;
  /** False: without data and extensions. */
  readonly payloads?: boolean;
  readonly limit: number;
}

/** The columns that a filter looks at. */
export interface Filtered {
  events: { id: string; type: string; source: string; subject: string | null; traceparent: string };
}

/** Times are those of the ids, UUIDv7: so the primary key finds them. */
export function meantBy<Tables extends Filtered>(
  is: ExpressionBuilder<Tables, "events">,
  { type, source, subject, since, until, trace }: EventFilter,
): Expression<SqlBool> {
  const all: Expression<SqlBool>[] = [];
  if (type?.endsWith(".*")) all.push(sql`starts_with(events.type, ${type.slice(0, -1)})`);
  else if (type !== undefined) all.push(sql`events.type = ${type}`);
  if (source !== undefined) all.push(sql`events.source = ${source}`);
  if (subject !== undefined) all.push(sql`events.subject = ${subject}`);
  if (since !== undefined) all.push(sql`events.id >= ${firstIdAt(since)}`);
  if (until !== undefined) all.push(sql`events.id < ${firstIdAt(until)}`);
  if (trace !== undefined) all.push(ofTrace(trace));
  return is.and(all);
}

/** Whose id begins or ends so, as a condition; undefined where that does not matter. */
export function namedSo({ idPrefix, idSuffix }: ListFilter): Expression<SqlBool> | undefined {
  if (idPrefix === undefined && idSuffix === undefined) return undefined;
  const { first, last } = idsFrom(idPrefix ?? "");
  const inRange = sql<SqlBool>`events.id BETWEEN ${first}::uuid AND ${last}::uuid`;
  if (idSuffix === undefined) return inRange;
  const ending = idEnding(idSuffix);
  return sql`${inRange} AND events.id = ANY (ARRAY(
    SELECT n.id FROM (SELECT id FROM events ORDER BY id DESC LIMIT ${MAX_ENDINGS_READ}) n
    WHERE right(n.id::text, ${ending.length}) = ${ending}))`;
}

/** What rules said of it, as a condition; undefined where that does not matter. */
export function judgedAs({ rule, outcome }: ListFilter): Expression<SqlBool> | undefined {
  if (rule === undefined && outcome === undefined) return undefined;
  const ofRule = rule === undefined ? sql`` : sql`AND d.rule = ${rule}`;
  if (outcome === "unheard")
    return sql`NOT EXISTS (SELECT FROM decisions d WHERE d.event_id = events.id ${ofRule})`;
  const ofStatus = outcome === undefined ? sql`` : sql`AND d.status = ${outcome}`;
  return sql`EXISTS (SELECT FROM decisions d WHERE d.event_id = events.id ${ofRule} ${ofStatus})`;
}

/** The decision that counts is the latest: what was replayed with another outcome is not meant any more. */
export function lastSaid({ rule, outcome, batch }: LastSaid): Expression<SqlBool> {
  const isSo =
    outcome === "unheard"
      ? sql`NOT EXISTS (SELECT FROM decisions d WHERE d.event_id = events.id AND d.rule = ${rule})`
      : sql`(SELECT d.status FROM decisions d WHERE d.event_id = events.id AND d.rule = ${rule}
             ORDER BY d.replay DESC LIMIT 1) = ${outcome}`;
  return sql<SqlBool>`(${isSo} OR EXISTS (SELECT FROM replays r WHERE r.event_id = events.id AND r.batch = ${batch}))`;
}

/** The least id that something of this time or later can have. */
export function firstIdAt(time: string): string {
  return firstUuidAt(Date.parse(time));
}

/**
 * A trace that no sender gave is made of the event's own id; the index holds only the others. The ids are looked up
 * first, by themselves: the planner would rather walk all events from the newest than trust an OR.
 */
function ofTrace(trace: string): Expression<SqlBool> {
  const id = trace.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return sql`events.id = ANY (ARRAY(
    SELECT t.id FROM events t WHERE t.id = ${id}::uuid AND substr(t.traceparent, 4, 32) = ${trace}
    UNION ALL
    SELECT t.id FROM events t WHERE substr(t.traceparent, 4, 32) = ${trace}
      AND substr(t.traceparent, 4, 32) <> replace(t.id::text, '-', '')))`;
}
