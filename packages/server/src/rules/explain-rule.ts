import type { Decision, Rule, RuleExplained } from "@yardmaster/protocol";
import { type BrokenEdit, brokenEditRemedy, brokenEditSentence } from "./broken-edit.ts";
import { type CurrentRules, heldBy } from "./current-rules.ts";
import { nearTypes } from "./explain-event.ts";
import { DECISIONS_EXPLAINED, type LastEvent } from "./rule-facts.store.ts";

export interface RuleCase {
  readonly rule: Rule;
  /** The last ones, newest first. */
  readonly decisions: readonly Decision[];
  /** The newest event that it listens on. */
  readonly lastEvent: LastEvent | undefined;
  /** What stands in its folder and is not in force. */
  readonly broken: BrokenEdit | undefined;
  readonly current: CurrentRules;
}

const CLAUSES_SHOWN = 10;

/** Why a rule fires as it does: whether it judges, what came for it, how it judged, and what stands against it most. */
export function explainRule({
  rule,
  decisions,
  lastEvent,
  broken,
  current,
}: RuleCase): RuleExplained {
  const held = heldBy(rule);
  const counts = countByStatus(decisions);
  const clauses = countClauses(decisions);
  const hears = `Rule ${rule.rule} listens on ${rule.on} and starts ${rule.run}.`;
  const standing =
    held === undefined
      ? `It is active since ${rule.since} (${rule.by}).`
      : `It holds back what it would judge: ${held}.`;
  return {
    rule: rule.rule,
    status: rule.status,
    breaks: held === undefined && decisions[0]?.status === "error",
    summary: summaryOf(rule, { held, decisions, counts, lastEvent, clauses }),
    chain: [
      hears,
      standing,
      ...(broken === undefined ? [] : [brokenEditSentence(broken)]),
      ...heardSentences(rule, lastEvent, current),
      ...decidedSentences(decisions, counts, clauses),
    ],
    unblock: [
      ...(broken === undefined ? [] : [brokenEditRemedy(broken)]),
      ...unblocking(rule, { held, decisions, lastEvent, clauses }),
    ],
    decisions: counts,
    clauses: clauses.slice(0, CLAUSES_SHOWN),
  };
}

type Counts = RuleExplained["decisions"];
type Clauses = RuleExplained["clauses"];

function countByStatus(decisions: readonly Decision[]): Counts {
  const counts = { matched: 0, not_matched: 0, held: 0, error: 0 };
  for (const { status } of decisions) counts[status]++;
  return counts;
}

/** The clauses that did not hold, the most frequent first. */
export function countClauses(
  decisions: readonly Pick<Decision, "status" | "clause">[],
): { clause: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { status, clause } of decisions)
    if (status === "not_matched" && clause !== null)
      counts.set(clause, (counts.get(clause) ?? 0) + 1);
  return [...counts]
    .map(([clause, count]) => ({ clause, count }))
    .sort((a, b) => b.count - a.count || (a.clause < b.clause ? -1 : 1));
}

function summaryOf(
  rule: Rule,
  facts: {
    readonly held: string | undefined;
    readonly decisions: readonly Decision[];
    readonly counts: Counts;
    readonly lastEvent: LastEvent | undefined;
    readonly clauses: Clauses;
  },
): string {
  const { held, decisions, counts, lastEvent, clauses } = facts;
  if (held !== undefined) return `It starts nothing: ${held}.`;
  if (lastEvent === undefined)
    return `It had nothing to judge: no event of type ${rule.on} has come.`;
  if (decisions[0]?.status === "error")
    return `It could not be judged: ${counts.error} of ${total(counts)} times, the last one too.`;
  if (counts.matched > 0) return `It matched in ${counts.matched} of ${total(counts)} decisions.`;
  const [most] = clauses;
  if (most !== undefined && counts.not_matched >= counts.error)
    return `It matched in none of ${total(counts)} decisions; most often \`${most.clause}\` did not hold.`;
  if (counts.error > 0) return `It could not be judged: ${counts.error} of ${total(counts)} times.`;
  return "It has judged no event yet.";
}

function total(counts: Counts): number {
  return counts.matched + counts.not_matched + counts.held + counts.error;
}

function heardSentences(
  { on }: Rule,
  lastEvent: LastEvent | undefined,
  current: CurrentRules,
): string[] {
  if (lastEvent !== undefined)
    return [`The last event of its type is ${lastEvent.id}, of ${lastEvent.received_at}.`];
  const near = nearTypes(on, current);
  const others = near.length === 0 ? "" : ` Other rules listen on ${near.join(", ")}.`;
  return [`No event of type ${on} has come.${others}`];
}

function decidedSentences(
  decisions: readonly Decision[],
  counts: Counts,
  clauses: Clauses,
): string[] {
  if (decisions.length === 0) return [];
  const more = decisions.length === DECISIONS_EXPLAINED ? "last " : "";
  const said = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status.replace("_", " ")}`);
  const lastOf = (status: Decision["status"], sentence: (of: Decision) => string): string[] => {
    const last = decisions.find((decision) => decision.status === status);
    return last === undefined ? [] : [sentence(last)];
  };
  const because = ({ clause, reason }: Decision): string =>
    [clause === null ? "" : `\`${clause}\``, reason ?? ""].filter((text) => text !== "").join(": ");
  return [
    `Its ${more}${decisions.length} decisions: ${said.join(", ")}.`,
    ...lastOf(
      "matched",
      (last) => `It matched last on event ${last.event_id} and started run ${last.run_id}.`,
    ),
    ...lastOf(
      "not_matched",
      (last) => `It did not match last on event ${last.event_id}: ${because(last)}.`,
    ),
    ...lastOf("held", (last) => `It was held last on event ${last.event_id}: ${because(last)}.`),
    ...lastOf("error", (last) => `It broke last on event ${last.event_id}: ${because(last)}.`),
    ...clauses
      .slice(0, CLAUSES_SHOWN)
      .map(
        ({ clause, count }) =>
          `\`${clause}\` did not hold ${count} ${count === 1 ? "time" : "times"}.`,
      ),
  ];
}

function unblocking(
  { rule, on, status }: Rule,
  facts: {
    readonly held: string | undefined;
    readonly decisions: readonly Decision[];
    readonly lastEvent: LastEvent | undefined;
    readonly clauses: Clauses;
  },
): string[] {
  const { held, decisions, lastEvent, clauses } = facts;
  const sentences: string[] = [];
  if (held !== undefined) {
    const file = status === "off" ? ", or take `enabled: false` out of its file" : "";
    sentences.push(`Resume it: yard rules resume ${rule}${file}.`);
  }
  if (lastEvent === undefined)
    sentences.push(`Send an event of type ${on}, or correct its \`on\`: yard events lists types.`);
  const [newest] = decisions;
  if (newest?.status === "error") sentences.push(`Correct the rule: ${newest.reason}.`);
  if (lastEvent !== undefined && clauses.length > 0)
    sentences.push(
      `See what each clause makes of the last event: yard rules test ${rule} --event ${lastEvent.id}.`,
    );
  return sentences;
}
