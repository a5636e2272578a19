import type { Replayed } from "@yardmaster/protocol";
import { clauseText } from "./decision-shape.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { statusMark, statusWord } from "./status.ts";

/** An event that was judged again: how each rule judged it, and the run that it started or would start. */
export function replayLines(replayed: Replayed, paint: Paint): string[] {
  const { event_id, type, replay, repeated, decisions } = replayed;
  const number = replay === null ? "" : `  replay ${replay}${repeated ? ", done before" : ""}`;
  return [
    `${paint.strong(printable(type))}  ${paint.faint(event_id)}${number}`,
    ...decisions.map((decision) => {
      const { rule, status, clause, reason, run_id, run } = decision;
      const started =
        run_id ?? (run === null ? undefined : `would run ${run.ref} ${JSON.stringify(run.input)}`);
      const why = [
        clause === null ? undefined : clauseText(status, clause),
        reason ?? undefined,
        started,
      ];
      const said = why.filter((part) => part !== undefined).join("; ");
      return `  ${statusMark(status, paint)} ${printable(rule)}  ${statusWord(status, paint)}  ${printable(said)}`.trimEnd();
    }),
  ];
}
