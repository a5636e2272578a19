import type { WorkflowDefinition } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import type { DefinitionSource } from "../src/engine/engine.types.ts";

/** The definitions as one process has them. */
export function definitionsAt(
  place: string,
  workflows: ReadonlyMap<string, WorkflowDefinition>,
  isAbsent: (ref: string, place: string) => boolean,
): DefinitionSource {
  const find = (ref: string): WorkflowDefinition | undefined =>
    isAbsent(ref, place) ? undefined : workflows.get(ref);
  return {
    current(ref) {
      const workflow = find(ref);
      return workflow === undefined ? undefined : { workflow, packDigest: null };
    },
    async pinned(ref) {
      const workflow = find(ref);
      if (workflow === undefined) throw new AppError("definition_missing", `no ${ref}`);
      return workflow;
    },
    refs: () => workflows.keys(),
    packFolder: async () => "/",
  };
}
