import type { RuleDefinition } from "@yardmaster/kernel";
import { AppError, type Decision, isUuid, type NewId, nearest } from "@yardmaster/protocol";
import type { Database } from "../db/index.ts";
import type { Engine } from "../engine/index.ts";
import { type EventRecord, invalidCursor, type Page, pageOf } from "../events/index.ts";
import { growRevision, type Packs } from "../packs/index.ts";
import { type CurrentRules, createRuleBook } from "./current-rules.ts";
import { type DecisionFilter, type DecisionKey, listDecisions } from "./decisions.store.ts";
import { type EventExplanation, explainEvent } from "./explain-event.ts";
import { judgeEvent, type Verdict } from "./judging.ts";
import { readSwitches, writeSwitch } from "./switches.store.ts";

export interface RulesDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly packs: Pick<Packs, "rules" | "refresh">;
  readonly engine: Pick<Engine, "prepare">;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What all rules said of an event, by which revision, and the decisions to be stored. */
export interface Judged {
  readonly revision: number;
  readonly verdicts: readonly Verdict[];
  readonly decisions: readonly Decision[];
}

export interface RuleView {
  readonly rule: string;
  readonly on: string;
  readonly if: string | null;
  readonly run: string;
  /** `off`: switched off here or in its pack. */
  readonly status: "active" | "off";
  readonly description: string | null;
}

export interface Rules {
  /** Judges an event by all rules that listen on its type; prepares, and does not start, the runs. */
  judge(event: EventRecord): Promise<Judged>;
  /** Takes up what has changed in the database before the call. */
  refresh(): Promise<void>;
  /** Of the definitions in memory; undefined when they must be refreshed first. */
  revision(): number | undefined;
  list(): Promise<RuleView[]>;
  /** Takes effect with the next event, in every process. @throws AppError `not_found` */
  switchRule(ref: string, enabled: boolean, by: string): Promise<RuleView>;
  decisions(
    filter: Omit<DecisionFilter, "before"> & {
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
  ): Promise<Page<Decision>>;
  decisionsOf(eventId: string): Promise<Decision[]>;
  explain(event: EventRecord): Promise<EventExplanation>;
}

export function createRules({ database, packs, engine, newId, now }: RulesDeps): Rules {
  const { pool } = database;
  const book = createRuleBook(packs, () => readSwitches(pool));

  async function current(): Promise<CurrentRules> {
    for (;;) {
      const rules = book.current();
      if (rules !== undefined) return rules;
      await book.refresh();
    }
  }

  const decisionsOf = (eventId: string): Promise<Decision[]> =>
    listDecisions(pool, { event: eventId });

  return {
    refresh: book.refresh,
    revision: () => book.current()?.revision,
    decisionsOf,
    async judge(event) {
      const rules = book.current() ?? (await current());
      const verdicts = judgeEvent({
        event,
        rules: rules.rulesFor(event.type),
        isOn: rules.isOn,
        prepare: (request) => engine.prepare(request),
      });
      const decidedAt = new Date(now()).toISOString();
      const decisions = verdicts.map((verdict) =>
        decisionOf(verdict, event.id, newId(), decidedAt),
      );
      return { revision: rules.revision, verdicts, decisions };
    },
    async list() {
      await book.refresh();
      const rules = await current();
      return rules.all.map((rule) => ruleView(rule, rules));
    },
    async switchRule(ref, enabled, by) {
      await book.refresh();
      findRule(await current(), ref);
      await database.withTransaction(async (client) => {
        await writeSwitch(client, ref, enabled, by);
        await growRevision(client);
      });
      await book.refresh();
      const rules = await current();
      return ruleView(findRule(rules, ref), rules);
    },
    async decisions({ cursor, limit, ...filter }) {
      const before = cursor === undefined ? undefined : parseCursor(cursor);
      const rows = await listDecisions(pool, { ...filter, before, limit: limit + 1 });
      return pageOf(rows, limit, formatCursor);
    },
    async explain(event) {
      await book.refresh();
      return explainEvent(event, await decisionsOf(event.id), await current());
    },
  };
}

function decisionOf(verdict: Verdict, eventId: string, id: string, decidedAt: string): Decision {
  return {
    id,
    event_id: eventId,
    rule: verdict.rule,
    status: verdict.status,
    clause: storable(verdict.clause),
    reason: storable(verdict.reason),
    run_id: verdict.run?.id ?? null,
    replay: 0,
    decided_at: decidedAt,
  };
}

const MAX_SENTENCE_LENGTH = 4_000;

/** A text column holds no NUL, and reasons quote what strangers sent. */
function storable(text: string | null): string | null {
  if (text === null) return null;
  const clean = text.replaceAll("\u0000", "\ufffd");
  return clean.length <= MAX_SENTENCE_LENGTH
    ? clean
    : `${clean.slice(0, MAX_SENTENCE_LENGTH)} … (${clean.length} characters)`;
}

function ruleView(rule: RuleDefinition, rules: CurrentRules): RuleView {
  return {
    rule: rule.ref,
    on: rule.on,
    if: rule.condition?.source ?? null,
    run: rule.run,
    status: rules.isOn(rule) ? "active" : "off",
    description: rule.description ?? null,
  };
}

function findRule(rules: CurrentRules, ref: string): RuleDefinition {
  const rule = rules.all.find((one) => one.ref === ref);
  if (rule !== undefined) return rule;
  const near = nearest(
    ref,
    rules.all.map((one) => one.ref),
  );
  throw new AppError(
    "not_found",
    `There is no rule ${ref}.${near === undefined ? "" : ` Did you mean ${near}?`}`,
  );
}

function formatCursor({ event_id, replay, rule }: DecisionKey): string {
  return `${event_id}.${replay}.${rule}`;
}

function parseCursor(cursor: string): DecisionKey {
  const [eventId = "", replay = "", ...rule] = cursor.split(".");
  if (!isUuid(eventId) || !/^\d{1,9}$/.test(replay) || rule.length === 0) invalidCursor();
  return {
    event_id: eventId,
    replay: Number(replay),
    rule: rule.join(".").replaceAll("\u0000", ""),
  };
}
