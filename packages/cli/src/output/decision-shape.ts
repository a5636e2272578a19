import type { Decision } from "@yardmaster/protocol";
import type { ListShape } from "./output.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { statusWord } from "./status.ts";
import { relativeTime } from "./time.ts";

/** Decisions as a table: the rule, how it judged, the run that it started or what stood against it. */
export function decisionShape(
  paint: Paint,
  nowMs: number,
  { withEvent }: { readonly withEvent: boolean },
): ListShape<Decision> {
  return {
    headings: ["RULE", "DECISION", "WHEN", ...(withEvent ? ["EVENT"] : []), "RUN", "BECAUSE"],
    row: (decision) => [
      printable(decision.rule),
      statusWord(decision.status, paint),
      whenText(decision, nowMs),
      ...(withEvent ? [decision.event_id] : []),
      decision.run_id ?? "",
      because(decision),
    ],
    empty: "No decisions.",
  };
}

function whenText({ decided_at, replay }: Decision, nowMs: number): string {
  const when = relativeTime(decided_at, nowMs);
  return replay === 0 ? when : `${when}, replay ${replay}`;
}

function because({ clause, reason }: Decision): string {
  const unmet = clause === null ? [] : [`not so: ${clause}`];
  return printable([...unmet, ...(reason === null ? [] : [reason])].join("; "));
}
