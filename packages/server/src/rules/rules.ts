import type { RuleDefinition } from "@yardmaster/kernel";
import {
  AppError,
  type Decision,
  isUuid,
  type JudgedCounts,
  type NewId,
  nearestRef,
  type Rule,
  type RuleDetail,
  type RuleExplained,
} from "@yardmaster/protocol";
import type { Database } from "../db/index.ts";
import type { Engine } from "../engine/index.ts";
import type { EventRecord } from "../events/index.ts";
import { growRevision, type Packs } from "../packs/index.ts";
import { invalidCursor, type Page, pageOf } from "../paging/index.ts";
import { type Behind, behindRuns } from "./behind-run.ts";
import { brokenEdit, brokenEditErrors } from "./broken-edit.ts";
import { type CurrentRules, createRuleBook, heldBy } from "./current-rules.ts";
import { decisionOf } from "./decision-of.ts";
import {
  countLastDecisions,
  type DecisionFilter,
  type DecisionKey,
  listDecisions,
} from "./decisions.store.ts";
import { type EventExplanation, explainEvent } from "./explain-event.ts";
import { explainRule } from "./explain-rule.ts";
import { judgeEvent, judgeStarter, type Starter, type Verdict } from "./judging.ts";
import { DEFAULT_LOOP_DEPTH, loopCut } from "./loops.ts";
import { lastDecisions, lastEventOf, matchedLately } from "./rule-facts.store.ts";
import { ruleView } from "./rule-view.ts";
import { readSwitches, writeSwitch } from "./switches.store.ts";

export interface RulesDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly packs: Pick<Packs, "rules" | "active" | "refresh" | "ruleFile" | "problems">;
  readonly engine: Pick<Engine, "prepare" | "run">;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface RulesOptions {
  /** Runs that may follow from one another, each started by the end of the one before; 8. */
  readonly loopDepth?: number;
}

/** What all rules said of an event, by which revision, and the decisions to be stored. */
export interface Judged {
  readonly revision: number;
  readonly verdicts: readonly Verdict[];
  readonly decisions: readonly Decision[];
}

export interface JudgeOptions {
  /** 0 when the event arrives, else which replay of it. */
  readonly replay?: number;
  /** The only rule that is asked. */
  readonly only?: string | undefined;
  /** What asks for a run beside the rules, by the definitions that are in memory as the rules are. */
  readonly starter?: (() => Starter) | undefined;
}

export interface Rules {
  /** Judges an event by all rules that listen on its type; prepares, and does not start, the runs. */
  judge(event: EventRecord, options?: JudgeOptions): Promise<Judged>;
  /** What stands behind an event that comes of this run; undefined where there is no such run. */
  behind(runId: string): Promise<Behind | undefined>;
  /** Takes up what has changed in the database before the call. */
  refresh(): Promise<void>;
  /** Of the definitions in memory; undefined when they must be refreshed first. */
  revision(): number | undefined;
  /** The rules as they are in memory, refreshed where they must be. */
  current(): Promise<CurrentRules>;
  /** The definition of a rule. @throws AppError `not_found` with the nearest ref */
  find(ref: string): Promise<RuleDefinition>;
  list(): Promise<Rule[]>;
  /** A rule with its text. @throws AppError `not_found` */
  show(ref: string): Promise<RuleDetail>;
  /** Takes effect with the next event, in every process. @throws AppError `not_found` */
  switchRule(ref: string, enabled: boolean, by: string): Promise<Rule>;
  decisions(
    filter: Omit<DecisionFilter, "before"> & {
      readonly limit: number;
      readonly cursor?: string | undefined;
    },
  ): Promise<Page<Decision>>;
  decisionsOf(eventId: string): Promise<Decision[]>;
  /** Of each of these events that was judged: how many said what of it, by what they said last. */
  judgedOf(eventIds: readonly string[]): Promise<ReadonlyMap<string, JudgedCounts>>;
  explain(event: EventRecord): Promise<EventExplanation>;
  /** Why a rule fires as it does, and did not lately. @throws AppError `not_found` */
  explainRule(ref: string): Promise<RuleExplained>;
}

const DAY_MS = 86_400_000;

export function createRules(deps: RulesDeps, options: RulesOptions = {}): Rules {
  const { database, packs, engine, newId, now } = deps;
  const { loopDepth = DEFAULT_LOOP_DEPTH } = options;
  const { pool } = database;
  const book = createRuleBook(packs, () => readSwitches(pool));

  async function current(): Promise<CurrentRules> {
    for (;;) {
      const rules = book.current();
      if (rules !== undefined) return rules;
      await book.refresh();
    }
  }

  /** As the database has them after the call. */
  async function fresh(): Promise<CurrentRules> {
    await book.refresh();
    return current();
  }

  const dayAgo = (): string => new Date(now() - DAY_MS).toISOString();

  const decisionsOf = (eventId: string): Promise<Decision[]> =>
    listDecisions(pool, { event: eventId });

  async function viewOf(ref: string): Promise<Rule> {
    const rules = await fresh();
    const rule = findRule(rules, ref);
    return ruleView(rule, rules.standing(rule), await matchedLately(pool, dayAgo()));
  }

  return {
    refresh: book.refresh,
    revision: () => book.current()?.revision,
    current,
    decisionsOf,
    judgedOf: (eventIds) => countLastDecisions(pool, eventIds),
    async judge(event, { replay = 0, only, starter } = {}) {
      const rules = book.current() ?? (await current());
      const listening = rules.rulesFor(event.type);
      const cut = listening.length === 0 ? undefined : await loopCut(pool, event, loopDepth);
      const own = starter && judgeStarter(starter(), event, (request) => engine.prepare(request));
      const ofRules = judgeEvent({
        event,
        rules: only === undefined ? listening : listening.filter((rule) => rule.ref === only),
        heldBy: (rule) => heldBy(rules.standing(rule)),
        cut,
        prepare: (request) => engine.prepare(request),
      });
      const verdicts = own === undefined ? ofRules : [own, ...ofRules];
      const decidedAt = new Date(now()).toISOString();
      const decisions = verdicts.map((verdict) =>
        decisionOf(verdict, { id: newId(), eventId: event.id, replay, decidedAt }),
      );
      return { revision: rules.revision, verdicts, decisions };
    },
    find: async (ref) => findRule(await fresh(), ref),
    async list() {
      const rules = await fresh();
      const matched = await matchedLately(pool, dayAgo());
      return rules.all.map((rule) => ruleView(rule, rules.standing(rule), matched));
    },
    async show(ref) {
      const view = await viewOf(ref);
      const file = await packs.ruleFile(findRule(await current(), ref));
      return { ...view, ...file, errors: brokenEditErrors(await brokenEdit(packs, file)) };
    },
    async behind(runId) {
      const run = await engine.run(runId);
      return run && (await behindRuns(pool, engine, [run]))[0];
    },
    async switchRule(ref, enabled, by) {
      findRule(await fresh(), ref);
      await database.withTransaction(async (client) => {
        await writeSwitch(client, ref, enabled, by);
        await growRevision(client);
      });
      return viewOf(ref);
    },
    async decisions({ cursor, limit, ...filter }) {
      const before = cursor === undefined ? undefined : parseCursor(cursor);
      const rows = await listDecisions(pool, { ...filter, before, limit: limit + 1 });
      return pageOf(rows, limit, formatCursor);
    },
    async explain(event) {
      const rules = await fresh();
      const broken = (await packs.problems()).map(({ pack, folder }) => pack ?? folder);
      return explainEvent(event, await decisionsOf(event.id), rules, broken);
    },
    async explainRule(ref) {
      const rule = await viewOf(ref);
      const [decisions, lastEvent, file] = await Promise.all([
        lastDecisions(pool, ref),
        lastEventOf(pool, rule.on),
        packs.ruleFile(findRule(await current(), ref)),
      ]);
      const broken = await brokenEdit(packs, file);
      return explainRule({ rule, decisions, lastEvent, broken, current: await current() });
    },
  };
}

function findRule(rules: CurrentRules, ref: string): RuleDefinition {
  const rule = rules.all.find((one) => one.ref === ref);
  if (rule !== undefined) return rule;
  const near = nearestRef(
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
