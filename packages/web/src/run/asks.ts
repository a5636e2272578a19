import type { Step } from "@yardmaster/protocol";

/** Whether any step has asked a person: of most runs nobody need look for questions. */
export function asks(steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      step.uses === "core.ask" ||
      step.undo?.uses === "core.ask" ||
      [step, ...(step.items ?? []), ...(step.rounds ?? [])].some(isAskedOrLost),
  );
}

/** What was lost may have been asked about. */
function isAskedOrLost({ inquiry, attempts }: Pick<Step, "inquiry" | "attempts">): boolean {
  return inquiry !== undefined || attempts.some(({ status }) => status === "lost");
}
