import {
  callsOf,
  givesFiles,
  NOTHING_REUSED,
  reusableOf,
  takenOver,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import { AppError, nearest } from "@yardmaster/protocol";
import type {
  DefinitionSource,
  PinnedWorkflow,
  PreparedRun,
  RetryRequest,
} from "../engine.types.ts";
import { definitionOf } from "./definition-of.ts";
import type { StoredRun } from "./keeper.store.ts";
import { foldInSlices } from "./kept-run.ts";
import { prepareTry } from "./prepare-run.ts";

export interface RetryDeps {
  readonly load: (runId: string) => Promise<StoredRun | undefined>;
  readonly definitions: DefinitionSource;
  readonly newId: () => string;
  /** Gives the new try the files of the run that it tries again. */
  readonly giveFiles: (fromRun: string, toRun: string) => Promise<void>;
}

/**
 * A new try of an ended run, which takes over the results that did not make it fail. Throws AppError not_found,
 * not_final, invalid_request (a step that it does not have, or `from` with `latest` where the pack has changed),
 * unknown_ref (`latest`, where the ref is gone).
 */
export async function prepareRetry(
  deps: RetryDeps,
  runId: string,
  request: RetryRequest,
): Promise<PreparedRun> {
  const stored = await deps.load(runId);
  if (stored === undefined) throw new AppError("not_found", `there is no run ${runId}`);
  const workflow = await definitionOf(deps.definitions, runId, stored);
  const { state } = await foldInSlices(runId, stored, workflow);
  if (state.phase !== "ended")
    throw new AppError("not_final", `run ${runId} has not ended; cancel it first, or wait`);
  if (request.from !== undefined) refuseUnknownStep(workflow, request.from);
  const pinned = request.latest
    ? latestOf(deps.definitions, stored.ref)
    : { workflow, packDigest: stored.packDigest };
  // Another version of the pack may mean something else by the same step.
  const isOther = pinned.packDigest !== stored.packDigest;
  if (isOther && request.from !== undefined) refuseFromOfOther(request.from);
  const isWhole = request.fromStart === true || isOther;
  const reused = isWhole ? NOTHING_REUSED : reusableOf(workflow, state, request.from);
  if (request.latest) checkInput(pinned, stored);
  const prepared = prepareTry(deps, stored, pinned, { of: runId, by: request.by, reused });
  if (request.isDryRun !== true && mayUseFiles(pinned.workflow))
    await deps.giveFiles(runId, prepared.id);
  return { ...prepared, taken: takenOver(prepared.run.state) };
}

/** By a step of its own, or of a workflow that it calls. */
function mayUseFiles(workflow: WorkflowDefinition): boolean {
  return callsOf(workflow).some(
    ({ files, action }) =>
      files !== undefined || givesFiles(action) || action.runner.kind === "workflow",
  );
}

/** What comes before that step would be done again though nobody asked for it. */
function refuseFromOfOther(from: string): never {
  const message =
    "the pack has changed since the run began, and with `latest` nothing of the run is taken over then";
  const hint = "leave out either `from` or `latest`";
  const errors = [{ path: "/from", message, got: from, hint }];
  throw new AppError("invalid_request", `${message}: ${hint}`, { errors });
}

function latestOf(definitions: DefinitionSource, ref: string): PinnedWorkflow {
  const current = definitions.current(ref);
  if (current !== undefined) return current;
  throw new AppError("unknown_ref", `there is no action or workflow "${ref}" any more`);
}

function checkInput({ workflow }: PinnedWorkflow, { ref, input }: StoredRun): void {
  const checked = workflow.input.validate(input);
  if (checked.ok) return;
  const errors = checked.errors.map((error) => ({ ...error, path: `/input${error.path}` }));
  const message = `the input of the run does not fit ${ref} as it is now; start it anew with another`;
  throw new AppError("invalid_input", message, { errors });
}

function refuseUnknownStep(workflow: WorkflowDefinition, from: string): void {
  const ids = workflow.steps.map(({ id }) => id);
  if (ids.includes(from)) return;
  const near = nearest(from, ids);
  const hint = near === undefined ? `it has ${ids.join(", ")}` : `did you mean "${near}"?`;
  const errors = [
    { path: "/from", message: `${workflow.ref} has no step "${from}"`, got: from, hint },
  ];
  throw new AppError("invalid_request", `${workflow.ref} has no step "${from}": ${hint}`, {
    errors,
  });
}
