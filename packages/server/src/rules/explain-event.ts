import { type Decision, type Explanation, nearest } from "@yardmaster/protocol";
import type { EventRecord } from "../events/index.ts";
import type { CurrentRules } from "./current-rules.ts";

export type EventExplanation = Explanation & {
  /** One for each rule that listens on the event's type, and for each that judged it. */
  readonly rules: readonly RuleExplanation[];
};

export interface RuleExplanation {
  readonly rule: string;
  /** `unjudged`: it listens now, and did not when the event came. */
  readonly status: Decision["status"] | "unjudged";
  readonly clause: string | null;
  readonly reason: string | null;
  readonly run_id: string | null;
}

/** What became of an event, rule by rule; when nobody listened, which types are listened to. */
export function explainEvent(
  event: EventRecord,
  decisions: readonly Decision[],
  current: CurrentRules,
): EventExplanation {
  const judged = new Set(decisions.map((decision) => decision.rule));
  const late = current.rulesFor(event.type).filter((rule) => !judged.has(rule.ref));
  const rules: RuleExplanation[] = [
    ...decisions.map(({ rule, status, clause, reason, run_id }) => ({
      rule,
      status,
      clause,
      reason,
      run_id,
    })),
    ...late.map(({ ref }) => ({
      rule: ref,
      status: "unjudged" as const,
      clause: null,
      reason: null,
      run_id: null,
    })),
  ];
  const arrival = `Event ${event.type} from ${event.source} arrived at ${event.receivedAt}.`;
  const unheard = rules.length === 0 ? unheardSentences(event.type, current) : [];
  return {
    id: event.id,
    status: statusOf(rules),
    summary: unheard[0] ?? summaryOf(rules),
    chain: [arrival, ...rules.map(ruleSentence), ...unheard],
    unblock:
      rules.length === 0 ? [`Add a rule with \`on: ${event.type}\`.`] : rules.flatMap(unblocking),
    rules,
  };
}

const BY_WEIGHT = ["matched", "error", "held", "not_matched", "unjudged"] as const;

function statusOf(rules: readonly RuleExplanation[]): string {
  return BY_WEIGHT.find((status) => rules.some((rule) => rule.status === status)) ?? "unheard";
}

function summaryOf(rules: readonly RuleExplanation[]): string {
  const counts = BY_WEIGHT.map(
    (status) => [rules.filter((rule) => rule.status === status).length, status] as const,
  );
  const said = counts
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status.replace("_", " ")}`);
  return `${rules.length === 1 ? "One rule listens" : `${rules.length} rules listen`} on it: ${said.join(", ")}.`;
}

function ruleSentence({ rule, status, clause, reason, run_id }: RuleExplanation): string {
  const because = reason === null ? "" : ` (${reason})`;
  switch (status) {
    case "matched":
      return `Rule ${rule} matched and started run ${run_id}.`;
    case "not_matched":
      return `Rule ${rule} did not match: \`${clause}\` did not hold${because}.`;
    case "held":
      return `Rule ${rule} was held back${because}.`;
    case "error":
      return `Rule ${rule} could not be judged${because}.`;
    case "unjudged":
      return `Rule ${rule} listens now, but did not when the event came.`;
  }
}

function unblocking({ rule, status }: RuleExplanation): string[] {
  if (status === "held") return [`Switch rule ${rule} on; it then judges the next event.`];
  if (status === "error") return [`Correct rule ${rule}; it then judges the next event.`];
  return [];
}

const TYPES_SHOWN = 5;

function unheardSentences(type: string, { all }: CurrentRules): string[] {
  const heard = [...new Set(all.map((rule) => rule.on))].sort();
  const none = `No rule listens on ${type}.`;
  if (heard.length === 0) return [none, "There are no rules."];
  const family = heard.filter((on) => on.split(".")[0] === type.split(".")[0]);
  const near = [...new Set([nearest(type, heard), ...family])].filter((on) => on !== undefined);
  const shown = (near.length > 0 ? near : heard).slice(0, TYPES_SHOWN);
  return [
    none,
    `${near.length > 0 ? "The nearest types" : "Types"} that rules listen on: ${shown.join(", ")}.`,
  ];
}
