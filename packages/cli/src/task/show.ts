import type { Task, TaskPreview } from "@yardmaster/protocol";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";

export function taskName({ ref, id }: Pick<Task, "ref" | "id">): string {
  return ref ?? id;
}

/** What a task's schedule says, in one line. */
export function scheduleText({ schedule_kind: kind, schedule_expr: expr, timezone }: Task): string {
  if (kind === "manual") return "by hand";
  const zone = timezone === "UTC" || kind === "interval" ? "" : ` ${timezone}`;
  const text = printable(expr.replaceAll(/\s*\n\s*/g, " "));
  if (kind === "interval") return `every ${text}`;
  return kind === "once" ? `at ${text}${zone}` : `${text}${zone}`;
}

export function showTask(task: Task, { lines, paint }: Output, nowMs: number): void {
  const about = task.description === "" ? "" : `  ${printable(task.description)}`;
  lines(
    `${paint.strong(printable(task.title))}  ${statusWord(task.status, paint)}${about}`,
    ...factsOf(task, nowMs).map(([name, value]) => `  ${name.padEnd(10)}${printable(value)}`),
  );
}

function factsOf(task: Task, nowMs: number): [string, string][] {
  const at = (time: string | null): string | null =>
    time === null
      ? null
      : [`${time} (${relativeTime(time, nowMs)})`, ...zoned(time, task.timezone)].join(", ");
  const { input, workflow } = task.payload;
  const facts: [string, string | null][] = [
    ["task", taskName(task)],
    ["schedule", scheduleText(task)],
    [
      "runs",
      input === null || Object.keys(input).length === 0
        ? workflow
        : `${workflow} with ${JSON.stringify(input)}`,
    ],
    ["made by", task.created_by],
    ["next run", at(task.next_run)],
    ["put off", task.snoozed_until === null ? null : "its next run was, those behind it stay"],
    [
      "last run",
      task.last_run === null
        ? null
        : `${at(task.last_run)}, ${task.last_run_status ?? ""} ${task.last_run_id}`,
    ],
    ["run count", task.run_count === 0 ? null : String(task.run_count)],
    [
      "missed",
      task.missed_count === 0 ? null : `${task.missed_count} (misfire ${task.misfire_policy})`,
    ],
    ["failures", task.failures === 0 ? null : `${task.failures} in a row: ${task.last_error}`],
    [
      task.status,
      task.status_by === null ? null : `since ${task.status_since} by ${task.status_by}`,
    ],
    ["goes on", at(task.resume_at)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

/** `zone`: whose clock is shown beside. */
export function showPreview(
  preview: TaskPreview,
  { lines, paint }: Output,
  nowMs: number,
  zone = "UTC",
): void {
  const { times, warnings, input, matches } = preview;
  if (times.length === 0) lines("It is due at no time.");
  lines(
    ...times.map((time) =>
      [time, ...zoned(time, zone), paint.faint(relativeTime(time, nowMs))].join("  "),
    ),
    ...warnings.map((warning) => `${paint.held("!")} ${printable(warning)}`),
  );
  if (times.length > 0 && input !== null)
    lines(`  input of the first: ${printable(JSON.stringify(input))}`);
  if (matches !== undefined)
    lines(matches ? "It is due at that time." : "It is not due at that time.");
}

/** What the clock of a zone shows then; nothing for UTC, and for a zone that only the server knows. */
function zoned(time: string, zone: string): string[] {
  if (zone === "UTC") return [];
  try {
    const clock = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    return [`${clock.format(new Date(time))} ${printable(zone)}`];
  } catch {
    return [];
  }
}
