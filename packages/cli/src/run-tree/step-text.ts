import type { Attempt, Step } from "@yardmaster/protocol";
import { isFinal, type StepStatus } from "@yardmaster/protocol/core";
import { printable } from "../output/printable.ts";

/** Milliseconds from its start to its end, or to now; undefined for a step that has not started or was skipped. */
export function elapsedMs(step: Step, nowMs: number): number | undefined {
  if (step.started_at === null || step.status === "skipped") return undefined;
  return (
    (step.finished_at === null ? nowMs : Date.parse(step.finished_at)) - Date.parse(step.started_at)
  );
}

const SAID_LAST: readonly StepStatus[] = [
  "failed",
  "timed_out",
  "canceled",
  "running",
  "waiting",
  "queued",
];

/** "3/5 items, 2 reused, 1 failed, 1 running"; empty for a step without items. */
export function itemsText(step: Step): string {
  if (step.items === null) return "";
  const count = (status: StepStatus) =>
    step.items?.filter((item) => item.status === status).length ?? 0;
  const done = step.items.filter((item) => isFinal(item.status)).length;
  const total = step.items.length;
  const parts = SAID_LAST.flatMap((status) =>
    count(status) > 0 ? [`${count(status)} ${status.replaceAll("_", " ")}`] : [],
  );
  return [
    done === total ? `${total} ${total === 1 ? "item" : "items"}` : `${done}/${total} items`,
    ...reusedTexts(step.items),
    ...parts,
  ].join(", ");
}

function reusedTexts(parts: NonNullable<Step["items"]>): string[] {
  const count = parts.filter(({ reused }) => reused === true).length;
  return count === 0 ? [] : [`${count} reused`];
}

/** "round 3, 2 reused" while a step repeats, "3 rounds" when it has ended; empty for any other. */
export function roundsText({ rounds = [], status }: Step): string {
  if (rounds.length === 0) return "";
  const count = `${rounds.length} ${rounds.length === 1 ? "round" : "rounds"}`;
  const text = isFinal(status) ? count : `round ${rounds.length}`;
  return [text, ...reusedTexts(rounds)].join(", ");
}

/** "undone" when what a step did was undone, in whole or of how many items; how it stands until then. */
export function undoText({ undo, items, rounds }: Step): string {
  const undos = [undo, ...[...(items ?? []), ...(rounds ?? [])].map((each) => each.undo)].filter(
    (each) => each !== undefined,
  );
  if (undos.length === 0) return "";
  const done = undos.filter(({ status }) => status === "success").length;
  const failed = undos.find(({ status }) => isFinal(status) && status !== "success");
  if (failed !== undefined) return `could not be undone: ${printable(failed.error?.message ?? "")}`;
  if (done < undos.length) return "being undone";
  return undo === undefined ? `${done} undone` : "undone";
}

/** "run ID" of a step that was a run of its own, once that has ended; until then the step's reason names it. */
export function childText({ attempts, rounds }: Step): string {
  const run = (rounds?.at(-1)?.attempts ?? attempts).at(-1)?.run;
  return run === undefined ? "" : `run ${run}`;
}

const FAILED_NAMED = 3;

/** Which of the first items did not succeed, and why, or which run it was: "each#1 was run ID". */
export function failedItemLines({ id, items }: Step): string[] {
  const bad = (items ?? []).flatMap(({ index, status, error, attempts }) => {
    if (!isBad(status)) return [];
    const name = `${printable(id)}#${index}`;
    const run = attempts.at(-1)?.run;
    if (run !== undefined) return [`${name} was run ${run}`];
    return error === null ? [] : [`${name}: ${printable(`${error.code}: ${error.message}`)}`];
  });
  const more = bad.length - FAILED_NAMED;
  return [...bad.slice(0, FAILED_NAMED), ...(more > 0 ? [`and ${more} more`] : [])];
}

function isBad(status: Step["status"]): boolean {
  return status === "failed" || status === "timed_out";
}

/** "attempt 3 (1 lost)" from the second attempt on; of items, how many were tried again. */
export function attemptsText(step: Step): string {
  const attempts = step.items === null ? step.attempts : [];
  const again = (step.items ?? []).reduce(
    (sum, item) => sum + Math.max(0, item.attempts.length - 1),
    0,
  );
  const all = step.items === null ? attempts : step.items.flatMap((item) => item.attempts);
  const lost = all.filter((attempt) => attempt.status === "lost").length;
  const losses = lost === 0 ? "" : ` (${lost} lost)`;
  if (again > 0) return `${again} ${again === 1 ? "retry" : "retries"}${losses}`;
  const newest = Math.max(0, ...attempts.map((attempt) => attempt.number));
  return newest > 1 ? `attempt ${newest}${losses}` : "";
}

/**
 * The step's own error, or while it is tried again, that of the attempt before. One that says no more than the status
 * (a timer that was stopped with its run: `canceled`) is not said again.
 */
export function errorText(step: Step): string | undefined {
  const error = step.error ?? (isFinal(step.status) ? null : lastError(step.attempts));
  if (error === null || error.message === step.status) return undefined;
  return printable(`${error.code}: ${error.message}`);
}

function lastError(attempts: readonly Attempt[]): Attempt["error"] {
  return attempts.findLast((attempt) => attempt.error !== null)?.error ?? null;
}
