import type { Tracker } from "@yardmaster/protocol";
import type { Output } from "../output/output.ts";
import type { Paint } from "../output/paint.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

type Polled = Tracker["polled"][number];

function projectLines(project: Polled, paint: Paint, nowMs: number): string[] {
  const { project: name, since, polled_at, problem, heard, lost, delayed, malformed } = project;
  const read =
    since === null
      ? "not read yet"
      : `changes are known since ${since}, read ${relativeTime(polled_at ?? since, nowMs)}`;
  const odd = malformed === 0 ? "" : `; entries that are no issues: ${malformed}`;
  return [
    `${printable(name)}: ${read}`,
    ...(problem === null ? [] : [`  ${paint.bad("problem")}  ${printable(problem)}`]),
    ...(since === null
      ? []
      : [`  heard ${heard}, lost and brought in ${lost}, delivered after that ${delayed}${odd}`]),
  ];
}

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
    ...(tracker.polled_at === null ? [] : [`last      ${relativeTime(tracker.polled_at, nowMs)}`]),
    ...(tracker.next_poll_at === null
      ? []
      : [`next      ${relativeTime(tracker.next_poll_at, nowMs)}`]),
    ...tracker.polled.flatMap((project) => projectLines(project, paint, nowMs)),
    `changed   ${relativeTime(tracker.updated_at, nowMs)} by ${printable(tracker.updated_by)}`,
  ];
}
