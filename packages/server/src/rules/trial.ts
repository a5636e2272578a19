import type { Expression, RuleDefinition } from "@yardmaster/kernel";
import { type Json, MAX_HISTORY, type RuleHistory, type RuleTrial } from "@yardmaster/protocol";
import type { Engine } from "../engine/index.ts";
import { type EventRecord, type Events, eventSeen } from "../events/index.ts";
import type { Packs } from "../packs/index.ts";
import { createSlices, type Slices } from "../slices.ts";
import { seenValues } from "./clause-values.ts";
import { heldBy } from "./current-rules.ts";
import { countClauses } from "./explain-rule.ts";
import { judgeEvent, type Verdict } from "./judging.ts";
import type { Rules } from "./rules.ts";

export interface TrialDeps {
  readonly rules: Pick<Rules, "current" | "find">;
  readonly packs: Pick<Packs, "source" | "compileRule">;
  readonly engine: Pick<Engine, "prepare">;
  readonly events: Pick<Events, "history">;
  readonly slices?: () => Slices;
}

/** The rule that is tried: one that is loaded, or the text of a file. */
export type TriedRule = { readonly ref: string } | { readonly path: string; readonly text: string };

export interface HistoryRequest {
  /** RFC 3339, as `until`. */
  readonly since: string;
  readonly until?: string | undefined;
  /** Most events that are judged. */
  readonly limit: number;
  /** Most matches that are told of. */
  readonly matches: number;
  /** Id of the last event that was judged before. */
  readonly cursor?: string | undefined;
}

/** Judges without acting: nothing is written and nothing starts. */
export interface Trials {
  /** @throws AppError `not_found`, `invalid_request` for a file that is no rule */
  tryOn(rule: TriedRule, event: EventRecord): Promise<RuleTrial>;
  /** What the rule would have made of the events that arrived, the oldest first. Throws as `tryOn` does. */
  tryOnHistory(rule: TriedRule, request: HistoryRequest): Promise<RuleHistory>;
}

const PAGE = 100;
const ERRORS_SHOWN = 10;
/** One request judges no longer than this; the rest is for the next one. */
const MAX_MS = 5_000;

export function createTrials({
  rules,
  packs,
  engine,
  events,
  slices = createSlices,
}: TrialDeps): Trials {
  async function ruleOf(tried: TriedRule): Promise<{ rule: RuleDefinition; held: string | null }> {
    if (!("ref" in tried))
      return { rule: await packs.compileRule(tried.path, tried.text), held: null };
    const rule = await rules.find(tried.ref);
    return { rule, held: heldBy((await rules.current()).standing(rule)) ?? null };
  }

  function judged(rule: RuleDefinition, event: EventRecord): Verdict {
    const [verdict] = judgeEvent({
      event,
      rules: [rule],
      heldBy: () => undefined,
      prepare: (request) => engine.prepare(request),
    });
    return verdict as Verdict;
  }

  /** The run's input as it would be kept: with its defaults. */
  function runOf({ request }: Verdict): { ref: string; input: Json } | null {
    if (request === null) return null;
    const checked = packs.source.current(request.ref)?.workflow.input.validate(request.input);
    return { ref: request.ref, input: checked?.ok === true ? checked.value : request.input };
  }

  return {
    async tryOn(tried, event) {
      const { rule, held } = await ruleOf(tried);
      const verdict = judged(rule, event);
      const { status, clause, reason } = verdict;
      const view = eventSeen(event) as unknown as Json;
      return {
        rule: rule.ref,
        listens: listensOn(rule.on, event.type),
        held,
        status,
        clause,
        reason,
        clauses: rule.condition === undefined ? [] : clausesOf(rule.condition, view),
        run: runOf(verdict),
      };
    },

    async tryOnHistory(tried, { since, until, limit, matches: most, cursor }) {
      const { rule, held } = await ruleOf(tried);
      const counts = { matched: 0, not_matched: 0, error: 0 };
      const unmet: Verdict[] = [];
      const matches: RuleHistory["matches"] = [];
      const errors: RuleHistory["errors"] = [];
      const slice = slices();
      const endMs = performance.now() + MAX_MS;
      let judgedCount = 0;
      let after = cursor;
      let isOver = false;
      while (!isOver && judgedCount < Math.min(limit, MAX_HISTORY) && performance.now() < endMs) {
        const filter = { type: rule.on, since, until, after };
        const page = await events.history({
          ...filter,
          limit: Math.min(PAGE, limit - judgedCount),
        });
        isOver = page.length === 0;
        for (const event of page) {
          const verdict = judged(rule, event);
          if (verdict.status !== "held") counts[verdict.status]++;
          if (verdict.status === "not_matched") unmet.push({ ...verdict, request: null });
          if (verdict.status === "matched" && matches.length < most)
            matches.push({ ...briefOf(event), run: runOf(verdict) });
          if (verdict.status === "error" && errors.length < ERRORS_SHOWN)
            errors.push({ event_id: event.id, reason: verdict.reason ?? "" });
          judgedCount++;
          after = event.id;
          // A condition may take as much as an expression may: a page of them, seconds.
          await slice();
          if (performance.now() >= endMs) break;
        }
      }
      const clauses = countClauses(unmet);
      const next = isOver ? null : (after ?? null);
      return {
        rule: rule.ref,
        held,
        judged: judgedCount,
        ...counts,
        clauses,
        matches,
        errors,
        next,
      };
    },
  };
}

/** `gitea.*` is met by every type that begins with `gitea.`. */
export function listensOn(on: string, type: string): boolean {
  return on.endsWith(".*") ? type.startsWith(on.slice(0, -1)) : on === type;
}

/** Every clause by itself, also those that are not reached when the rule judges. */
function clausesOf(condition: Expression, event: Json): RuleTrial["clauses"] {
  return condition.clauses.map((clause) => {
    const values = seenValues(clause.source, event);
    const result = clause.evaluate({ event });
    if (result.ok) {
      const outcome = result.value === true ? "true" : "false";
      return { clause: clause.source, outcome, message: null, values };
    }
    const outcome = result.error.kind === "missing" ? "missing" : "error";
    return { clause: clause.source, outcome, message: result.error.message, values };
  });
}

function briefOf({ id, type, source, subject, receivedAt }: EventRecord) {
  return { event_id: id, type, source, subject, received_at: receivedAt };
}
