import type { Tracker } from "@yardmaster/protocol";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

export function showTracker(tracker: Tracker, out: Output, nowMs: number): void {
  out.lines(...trackerLines(tracker, out, nowMs));
}

function trackerLines(tracker: Tracker, { paint }: Output, nowMs: number): string[] {
  const { name, kind, status, reason, url, source, token, projects, bot } = tracker;
  const why = reason === null ? "" : `: ${printable(reason)}`;
  return [
    `Tracker ${paint.strong(printable(name))} is ${statusWord(status, paint)}${why}`,
    `kind      ${kind}, at ${printable(url)}`,
    `token     ${token === "sealed" ? "is set; it is never shown" : printable(token)}`,
    `source    ${printable(source)}`,
    `bot       ${bot === null ? "none is named" : printable(bot)}`,
    ...projects.map(
      (project, at) => `${at === 0 ? "projects" : "        "}  ${printable(project)}`,
    ),
    `asked     every ${tracker.poll_interval}`,
    `changed   ${relativeTime(tracker.updated_at, nowMs)} by ${printable(tracker.updated_by)}`,
  ];
}
