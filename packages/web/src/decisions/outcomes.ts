import type { Decision, EventOutcome, JudgedCounts } from "@yardmaster/protocol";
import { ICONS, type Look, TONES } from "../status/look.ts";

/** What became of an event; of a rule that listens and did not when the event came, `unjudged`. */
export type Outcome = EventOutcome | "unjudged";

const { good, bad, warn, quiet } = TONES;

export const OUTCOMES: Record<Outcome, Look> = {
  matched: { word: "Matched", ...good, icon: ICONS.check },
  not_matched: { word: "Not matched", ...quiet, icon: ICONS.minus },
  held: { word: "Held", ...warn, icon: ICONS.pause },
  error: { word: "Error", ...bad, icon: ICONS.cross },
  unheard: { word: "Unheard", ...quiet, icon: ICONS.ring },
  unjudged: { word: "Not judged", ...quiet, icon: ICONS.ring },
};

/** What is looked for first: what went wrong, then what waits for somebody, then what began. */
const BY_WEIGHT = ["error", "held", "matched", "not_matched"] as const;

/** What stands out of how an event was judged. */
export function outcomeOf(judged: JudgedCounts): EventOutcome {
  return BY_WEIGHT.find((status) => judged[status] > 0) ?? "unheard";
}

/** `1 error, 2 matched`; empty where there is no more to say than the outcome itself: one judged it, or nobody. */
export function judgedText(judged: JudgedCounts): string {
  const said = BY_WEIGHT.filter((status) => judged[status] > 0);
  if (said.length < 2 && said.every((status) => judged[status] === 1)) return "";
  return said
    .map((status) => `${judged[status]} ${OUTCOMES[status].word.toLowerCase()}`)
    .join(", ");
}

/** How the decisions count: each rule by what it said last. */
export function countLast(decisions: readonly Decision[]): JudgedCounts {
  const last = new Map<string, Decision>();
  for (const decision of decisions)
    if (decision.replay >= (last.get(decision.rule)?.replay ?? 0))
      last.set(decision.rule, decision);
  const counts = { matched: 0, not_matched: 0, held: 0, error: 0 };
  for (const { status } of last.values()) counts[status]++;
  return counts;
}
