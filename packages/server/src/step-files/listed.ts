import type { RunFile, StepFile } from "@yardmaster/protocol";
import type { AttemptView, StepRecord } from "../engine/index.ts";

/** The files of a run, in the order of its steps and their items. */
export function filesOfSteps(steps: readonly StepRecord[]): RunFile[] {
  return steps.flatMap((step) => {
    const parts = step.items ?? step.rounds ?? [];
    const ofParts = parts.flatMap(({ index, files, attempts }) =>
      rowsOf(step.id, index, attempts, files),
    );
    return parts.length > 0 ? ofParts : rowsOf(step.id, null, step.attempts, step.files);
  });
}

function rowsOf(
  step: string,
  item: number | null,
  attempts: readonly AttemptView[],
  files: readonly StepFile[] = [],
): RunFile[] {
  const attempt = attempts.find(({ status }) => status === "success")?.number ?? null;
  return files.map((file) => ({ step, item, attempt, ...file }));
}
