import type { Run, Step } from "@yardmaster/protocol";
import { isFinal } from "@yardmaster/protocol/core";
import { printable } from "../output/printable.ts";
import { shortDuration } from "../output/time.ts";
import { attemptsText, childText, elapsedMs, errorText, itemsText } from "./step-text.ts";

/** A run and its steps at one look. */
export interface RunView {
  readonly run: Run;
  readonly steps: readonly Step[];
}

/** Steps that a later look shows differently. */
export function changedSteps(before: RunView | undefined, after: RunView): Step[] {
  const known = new Map(before?.steps.map((step) => [step.id, fingerprint(step)]));
  return after.steps.filter(
    (step) =>
      known.get(step.id) !== fingerprint(step) &&
      !(before === undefined && step.status === "queued"),
  );
}

/** What has moved between two looks, a line each: the live tree for logs and pipes. */
export function runChangeLines(
  before: RunView | undefined,
  after: RunView,
  nowMs: number,
): string[] {
  const lines = changedSteps(before, after).map((step) => stepLine(step, nowMs));
  const { run } = after;
  if (before?.run.status === run.status && before.run.reason === run.reason) return lines;
  const line = `run ${run.id} ${printable(run.ref)} ${run.status}${run.reason === null ? "" : `: ${printable(run.reason)}`}`;
  return isFinal(run.status) ? [...lines, line] : [line, ...lines];
}

function stepLine(step: Step, nowMs: number): string {
  const ms = isFinal(step.status) ? elapsedMs(step, nowMs) : undefined;
  const parts = [
    `step ${printable(step.id)} ${step.status}`,
    ms === undefined ? "" : `in ${shortDuration(ms)}`,
    itemsText(step),
    attemptsText(step),
    childText(step),
    step.reason === null ? "" : printable(step.reason),
    errorText(step) ?? "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** All of a step that people watch for. */
function fingerprint(step: Step): string {
  return [
    step.status,
    step.reason ?? "",
    itemsText(step),
    attemptsText(step),
    errorText(step) ?? "",
  ].join("\n");
}
