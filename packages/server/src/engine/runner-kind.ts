import type { ActionDefinition } from "@yardmaster/kernel";

/** Whether an attempt of the action ends as it starts, in the process that commits it. */
export function isInstant({ runner, check }: ActionDefinition): boolean {
  return runner.kind === "core" && check === undefined;
}

/** What an attempt takes a place of: a process, or the worker itself, which does many things at once. */
export type RunnerKind = "core" | "process";

export function runnerKindOf({ runner, check }: ActionDefinition): RunnerKind {
  return runner.kind === "process" || check !== undefined ? "process" : "core";
}
