import type { Run } from "@yardmaster/protocol";
import type { ListShape } from "./output.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { statusWord } from "./status.ts";
import { relativeTime, shortDuration } from "./time.ts";

/** A list of runs, a line each. */
export function runShape(nowMs: number, paint: Paint): ListShape<Run> {
  return {
    headings: ["RUN", "STATUS", "REF", "STARTED", "TOOK", "BY", "WHY"],
    empty: "No runs.",
    row(run) {
      const endMs = run.finished_at === null ? nowMs : Date.parse(run.finished_at);
      return [
        run.id,
        statusWord(run.status, paint),
        printable(run.ref),
        relativeTime(run.created_at, nowMs),
        shortDuration(endMs - Date.parse(run.created_at)),
        printable(run.created_by),
        printable(run.error?.message ?? run.reason ?? ""),
      ];
    },
  };
}
