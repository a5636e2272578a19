import type { Decision, DecisionStatus, JudgedCounts } from "@yardmaster/protocol";
import { sql } from "kysely";
import type { ClientBase, Pool } from "pg";
import { insertText, kyselyFor, type Table, tableArrays } from "../db/index.ts";
import { type EventFilter, type Filtered, firstIdAt, meantBy } from "../events/index.ts";

const DECISIONS: Table<Decision> = {
  name: "d",
  columns: [
    { name: "id", type: "uuid", read: (row) => row.id },
    { name: "event_id", type: "uuid", read: (row) => row.event_id },
    { name: "rule", type: "text", read: (row) => row.rule },
    { name: "status", type: "text", read: (row) => row.status },
    { name: "clause", type: "text", read: (row) => row.clause },
    { name: "reason", type: "text", read: (row) => row.reason },
    { name: "run_id", type: "uuid", read: (row) => row.run_id },
    { name: "replay", type: "int", read: (row) => row.replay },
    { name: "decided_at", type: "timestamptz", read: (row) => row.decided_at },
  ],
};

const INSERT = insertText(
  "decisions",
  DECISIONS,
  "ON CONFLICT (event_id, rule, replay) DO NOTHING",
);

/** All decisions of a flush in one statement. Locks nothing but its own new rows; the same rows again change nothing. */
export async function insertDecisions(
  client: ClientBase,
  rows: readonly Decision[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = tableArrays(DECISIONS, rows);
  await client.query({ name: "decisions_insert", text: INSERT, values });
}

export interface DecisionFilter extends EventFilter {
  readonly event?: string | undefined;
  readonly rule?: string | undefined;
  readonly status?: DecisionStatus | undefined;
  /** The last decision of the page before; newest event first. */
  readonly before?: DecisionKey | undefined;
  readonly limit?: number | undefined;
}

export type DecisionKey = Pick<Decision, "event_id" | "rule" | "replay">;

interface Tables extends Filtered {
  decisions: Decision;
}

/** Events are joined only where something is asked of them: a time is in their ids, and so in the decisions' own key. */
export async function listDecisions(pool: Pool, filter: DecisionFilter): Promise<Decision[]> {
  const { type, source, subject, trace, since, until } = filter;
  let query = kyselyFor<Tables>(pool)
    .selectFrom("decisions")
    .selectAll("decisions")
    .orderBy("event_id", "desc")
    .orderBy("rule", "desc")
    .orderBy("replay", "desc");
  if ([type, source, subject, trace].some((asked) => asked !== undefined))
    query = query.where((is) =>
      is.exists(
        is
          .selectFrom("events")
          .select("events.id")
          .whereRef("events.id", "=", "decisions.event_id")
          .where((event) => meantBy(event, { type, source, subject, trace })),
      ),
    );
  if (since !== undefined) query = query.where("event_id", ">=", firstIdAt(since));
  if (until !== undefined) query = query.where("event_id", "<", firstIdAt(until));
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  if (filter.event !== undefined) query = query.where("event_id", "=", filter.event);
  if (filter.rule !== undefined) query = query.where("rule", "=", filter.rule);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.before !== undefined) {
    const { event_id, rule, replay } = filter.before;
    query = query.where(sql<boolean>`(event_id, rule, replay) < (${event_id}, ${rule}, ${replay})`);
  }
  return query.execute();
}

/** Of each of these events that was judged, how many judged it how, each by its latest replay. */
export async function countLastDecisions(
  pool: Pool,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, JudgedCounts>> {
  const result = await pool.query<JudgedCounts & { event_id: string }>({
    name: "decisions_counted",
    text: `SELECT event_id,
             count(*) FILTER (WHERE status = 'matched')::int AS matched,
             count(*) FILTER (WHERE status = 'not_matched')::int AS not_matched,
             count(*) FILTER (WHERE status = 'held')::int AS held,
             count(*) FILTER (WHERE status = 'error')::int AS error
           FROM (SELECT DISTINCT ON (event_id, rule) event_id, status FROM decisions
                 WHERE event_id = ANY($1::uuid[]) ORDER BY event_id, rule, replay DESC) AS last
           GROUP BY event_id`,
    values: [eventIds],
  });
  return new Map(result.rows.map(({ event_id, ...judged }) => [event_id, judged]));
}
