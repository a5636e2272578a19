import { type Decision, type Explanation, nearest } from "@yardmaster/protocol";
import type { EventRecord } from "../events/index.ts";
import { type CurrentRules, heldBy } from "./current-rules.ts";
import { LOOP_CUT } from "./loops.ts";

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
  /** 0 when the event arrived, else which replay of it. */
  readonly replay: number;
}

/**
 * What became of an event, rule by rule; when nobody listened, which types are listened to, and which packs could not
 * be taken up as they stand now (`broken`, their names or folders): a rule may be in them.
 */
export function explainEvent(
  event: EventRecord,
  decisions: readonly Decision[],
  current: CurrentRules,
  broken: readonly string[] = [],
): EventExplanation {
  const judged = new Set(decisions.map((decision) => decision.rule));
  const late = current.rulesFor(event.type).filter((rule) => !judged.has(rule.ref));
  const rules: RuleExplanation[] = [
    ...decisions.map(({ rule, status, clause, reason, run_id, replay }) => ({
      rule,
      status,
      clause,
      reason,
      run_id,
      replay,
    })),
    ...late.map(({ ref }) => ({
      rule: ref,
      status: "unjudged" as const,
      clause: null,
      reason: null,
      run_id: null,
      replay: 0,
    })),
  ];
  const arrival = `Event ${event.type} from ${event.source} arrived at ${event.receivedAt}.`;
  const unheard = rules.length === 0 ? unheardSentences(event.type, current, broken) : [];
  return {
    id: event.id,
    status: statusOf(rules),
    summary: unheard[0] ?? summaryOf(rules),
    chain: [arrival, ...rules.map(ruleSentence), ...unheard],
    unblock:
      rules.length === 0
        ? [
            ...broken.map((pack) => `See what is wrong with ${pack}: yard packs.`),
            `Add a rule with \`on: ${event.type}\`.`,
          ]
        : lastOfEach(rules).flatMap((said) => unblocking(said, event, current)),
    rules,
  };
}

const BY_WEIGHT = ["matched", "error", "held", "not_matched", "unjudged"] as const;

function statusOf(rules: readonly RuleExplanation[]): string {
  return BY_WEIGHT.find((status) => rules.some((rule) => rule.status === status)) ?? "unheard";
}

/** As which the decisions of fires name their task. */
const TASK = /^task:/;

function summaryOf(rules: readonly RuleExplanation[]): string {
  const counts = BY_WEIGHT.map(
    (status) => [rules.filter((rule) => rule.status === status).length, status] as const,
  );
  const said = counts
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status.replace("_", " ")}`);
  const judges = [...new Set(rules.map(({ rule }) => rule))];
  const listening = judges.filter((ref) => !TASK.test(ref)).length;
  const ofTask = judges.length > listening ? ["A task was due"] : [];
  const ofRules = listening === 1 ? "one rule listens" : `${listening} rules listen`;
  const heading = [...ofTask, ...(listening > 0 ? [`${ofRules} on it`] : [])].join(", ");
  return `${heading[0]?.toUpperCase()}${heading.slice(1)}: ${said.join(", ")}.`;
}

function ruleSentence({ rule: ref, replay, ...said }: RuleExplanation): string {
  const { status, clause, reason, run_id } = said;
  const because = reason === null ? "" : ` (${reason})`;
  const name = TASK.test(ref) ? `Task ${ref.replace(TASK, "")}` : `Rule ${ref}`;
  const judge = replay === 0 ? name : `${name}, in replay ${replay},`;
  switch (status) {
    case "matched":
      return `${judge} matched and started run ${run_id}.`;
    case "not_matched":
      return `${judge} did not match: \`${clause}\` did not hold${because}.`;
    case "held":
      return `${judge} was held back${because}.`;
    case "error":
      return `${judge} could not be judged${because}.`;
    case "unjudged":
      return `${judge} listens now, but did not when the event came.`;
  }
}

/** Of each rule what it said last: what an earlier replay met may be mended since. */
function lastOfEach(rules: readonly RuleExplanation[]): RuleExplanation[] {
  const last = new Map<string, RuleExplanation>();
  for (const said of rules)
    if (said.replay >= (last.get(said.rule)?.replay ?? 0)) last.set(said.rule, said);
  return [...last.values()];
}

function unblocking(
  { rule: ref, status, reason }: RuleExplanation,
  event: EventRecord,
  current: CurrentRules,
): string[] {
  if (TASK.test(ref)) return status === "error" ? mendTask(ref.replace(TASK, "")) : [];
  const replay = `yard events replay ${event.id} --rule ${ref}`;
  if (status === "unjudged") return [`Let it judge the event now: ${replay}.`];
  if (status === "error") return [`Correct rule ${ref}, then replay the event: ${replay}.`];
  if (status !== "held") return [];
  if (reason?.startsWith(LOOP_CUT) === true)
    return [`Break the loop: let the condition of ${ref} tell the runs of its own chain apart.`];
  const rule = current.all.find((one) => one.ref === ref);
  if (rule !== undefined && heldBy(current.standing(rule)) === undefined)
    return [`Rule ${ref} judges again; replay the event: ${replay}.`];
  return [`Resume the rule (yard rules resume ${ref}), then replay the event: ${replay}.`];
}

/** A replay asks rules alone. What was missed is not made up for by anybody. */
function mendTask(name: string): string[] {
  return [
    `See what task ${name} gives (yard tasks show ${name}), correct it or its pack, then have it run: yard tasks run-now ${name}.`,
  ];
}

const TYPES_SHOWN = 5;

function unheardSentences(
  type: string,
  current: CurrentRules,
  broken: readonly string[],
): string[] {
  const none = `No rule listens on ${type}.`;
  const untaken = broken.map(
    (pack) => `The pack ${pack} could not be taken up as it stands now: a rule may be in it.`,
  );
  if (current.all.length === 0) return [none, "There are no rules.", ...untaken];
  const near = nearTypes(type, current);
  const shown = near.length > 0 ? near : heardTypes(current);
  return [
    none,
    ...untaken,
    `${near.length > 0 ? "The nearest types" : "Types"} that rules listen on: ${shown.slice(0, TYPES_SHOWN).join(", ")}.`,
  ];
}

function heardTypes({ all }: CurrentRules): string[] {
  return [...new Set(all.map((rule) => rule.on))].sort();
}

/** Types that rules listen on and somebody may have meant by this one: the nearest, and those of its kind. */
export function nearTypes(type: string, current: CurrentRules): string[] {
  const heard = heardTypes(current).filter((on) => on !== type);
  const family = heard.filter((on) => on.split(".")[0] === type.split(".")[0]);
  return [...new Set([nearest(type, heard), ...family])]
    .filter((on) => on !== undefined)
    .slice(0, TYPES_SHOWN);
}
