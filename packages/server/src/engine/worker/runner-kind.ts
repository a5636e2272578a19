import { type ActionDefinition, takesProcess } from "@yardmaster/kernel";
import type { Assignment } from "./assignment.ts";

/** Whether an attempt of the action ends as it starts, in the process that commits it. */
export function isInstant({ runner, check }: ActionDefinition): boolean {
  return runner.kind === "core" && check === undefined;
}

/** What an attempt takes a place of: a process, or the worker itself, which does many things at once. */
export type RunnerKind = "core" | "process";

/** Attempts for nodes wait under the key of their target instead of a kind of runner. */
const FOR_NODES = "node:";

export function targetRunner(targetKey: string): string {
  return `${FOR_NODES}${targetKey}`;
}

export function isForNodes(runner: string): boolean {
  return runner.startsWith(FOR_NODES);
}

/** The key of the target that a runner of `targetRunner` stands for. */
export function targetKeyOf(runner: string): string {
  return runner.slice(FOR_NODES.length);
}

/** Of instant attempts that wait outside of lanes: nobody leases them (see instant-backlog.ts). */
export const INSTANT = "instant";

export function runnerKindOf({ runner, check }: ActionDefinition): RunnerKind {
  return takesProcess(runner) || check !== undefined ? "process" : "core";
}

export function kindOf({ step }: Assignment): RunnerKind {
  return runnerKindOf(step.action);
}
