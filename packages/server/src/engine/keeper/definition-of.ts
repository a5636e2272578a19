import type { WorkflowDefinition } from "@yardmaster/kernel";
import { AppError, isAppError } from "@yardmaster/protocol";
import type { DefinitionSource } from "../engine.types.ts";
import type { StoredRun } from "./keeper.store.ts";

/**
 * Whether a run cannot go on here because this process does not have the definition that it began with. Another may:
 * what one build cannot use, another can.
 */
export function isDefinitionMissing(error: unknown): error is Error {
  return isAppError(error) && error.code === "definition_missing";
}

/** The definition that a run began with. Throws AppError definition_missing, which names the run and the way out. */
export async function definitionOf(
  definitions: Pick<DefinitionSource, "pinned">,
  runId: string,
  { ref, packDigest }: Pick<StoredRun, "ref" | "packDigest">,
): Promise<WorkflowDefinition> {
  try {
    return await definitions.pinned(ref, packDigest);
  } catch (error) {
    if (!isDefinitionMissing(error)) throw error;
    const message = `the definition that run ${runId} began with is not there (${error.message}); yard explain ${runId} says what can be done`;
    throw new AppError("definition_missing", message, { cause: error });
  }
}
