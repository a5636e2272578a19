import type { Decision } from "@yardmaster/protocol";
import type { RunStatus } from "@yardmaster/protocol/core";
import type { ListShape } from "./output.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { statusWord } from "./status.ts";
import { relativeTime } from "./time.ts";

export interface DecisionLook {
  readonly withEvent: boolean;
  /** How runs stand, by their ids; of others the id alone is shown. */
  readonly runStatuses?: ReadonlyMap<string, RunStatus>;
}

/** Decisions as a table: the rule, how it judged, the run that it started or what stood against it. */
export function decisionShape(
  paint: Paint,
  nowMs: number,
  { withEvent, runStatuses }: DecisionLook,
): ListShape<Decision> {
  return {
    headings: ["RULE", "DECISION", "WHEN", ...(withEvent ? ["EVENT"] : []), "RUN", "BECAUSE"],
    row: (decision) => [
      printable(decision.rule),
      statusWord(decision.status, paint),
      whenText(decision, nowMs),
      ...(withEvent ? [decision.event_id] : []),
      runText(decision, runStatuses, paint),
      because(decision),
    ],
    empty: "No decisions.",
  };
}

function runText(
  { run_id: id }: Decision,
  statuses: DecisionLook["runStatuses"],
  paint: Paint,
): string {
  if (id === null) return "";
  const status = statuses?.get(id);
  return status === undefined ? id : `${id} ${statusWord(status, paint)}`;
}

function whenText({ decided_at, replay }: Decision, nowMs: number): string {
  const when = relativeTime(decided_at, nowMs);
  return replay === 0 ? when : `${when}, replay ${replay}`;
}

function because({ status, clause, reason }: Decision): string {
  const unmet = clause === null ? [] : [clauseText(status, clause)];
  return printable([...unmet, ...(reason === null ? [] : [reason])].join("; "));
}

/** What became of the clause that decided: one that broke is neither so nor not so. */
export function clauseText(status: Decision["status"], clause: string): string {
  return `${status === "error" ? "cannot be judged" : "not so"}: ${clause}`;
}
