import type { DecisionStatus } from "@yardmaster/protocol";
import { isUuid } from "@yardmaster/protocol/core";

export const DECISION_STATUSES = [
  "matched",
  "not_matched",
  "held",
  "error",
] as const satisfies readonly DecisionStatus[];

/** What the page of a rule shows, as the address says it. */
export interface RulePlace {
  /** Its decisions of this status alone. */
  readonly status?: DecisionStatus;
  /** Those behind this cursor, else the newest. */
  readonly before?: string;
  /** The event on which it is tried. */
  readonly event?: string;
}

/** The place in an address; what is none is left out. */
export function readRulePlace(search: Readonly<Record<string, unknown>>): RulePlace {
  const status = DECISION_STATUSES.find((known) => known === search["status"]);
  const { before, event } = search;
  return {
    ...(status !== undefined && { status }),
    ...(typeof before === "string" && before !== "" && { before }),
    ...(typeof event === "string" && isUuid(event) && { event }),
  };
}
