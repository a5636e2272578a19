import { type Advanced, begin, type Reused, type WorkflowDefinition } from "@yardmaster/kernel";
import { AppError, type Json, momentOf, nearestRef } from "@yardmaster/protocol";
import type { ChildRow } from "../children/children.store.ts";
import type { DefinitionSource, PinnedWorkflow, PreparedRun, RunRequest } from "../engine.types.ts";
import type { RunRecord } from "../reading/reading.types.ts";
import { traceOfId } from "../trace/run-trace.ts";
import type { StoredRun } from "./keeper.store.ts";
import { type KeptRun, usesKeys } from "./kept-run.ts";

export interface PrepareDeps {
  readonly definitions: DefinitionSource;
  /** UUIDv7: a run is created at the moment of its id, by which lists look. */
  readonly newId: () => string;
}

/** A run in memory, with what its birth decided. */
export interface Prepared extends PreparedRun {
  readonly run: KeptRun;
  /** What it takes over from the run that it tries again. */
  readonly reused?: Reused;
  readonly advanced: Advanced;
  born?: RunRecord | undefined;
}

/** Checks ref and input, and takes the interpreter's first step. Throws AppError unknown_ref, invalid_input, too_large. */
export function prepareRun(
  deps: PrepareDeps & { readonly maxInputBytes: number },
  request: RunRequest,
): Prepared {
  const pinned = deps.definitions.current(request.ref);
  if (pinned === undefined) throw unknownRef(request.ref, deps.definitions.refs());
  const checked = pinned.workflow.input.validate(request.input);
  if (!checked.ok) {
    const errors = checked.errors.map((error) => ({ ...error, path: `/input${error.path}` }));
    throw new AppError("invalid_input", `the input does not fit ${request.ref}`, { errors });
  }
  refuseLarge(checked.value, deps.maxInputBytes);
  return prepared(pinned.workflow, checked.value, {
    id: deps.newId(),
    ref: request.ref,
    packDigest: pinned.packDigest,
    createdBy: request.createdBy,
    eventId: request.eventId ?? null,
    rule: request.rule ?? null,
    retryOf: null,
    traceparent: request.traceparent ?? null,
    parent: null,
  });
}

/** The same for a run that is a step of another: its input was checked with that step. Created when that asked for it. */
export function prepareChild(child: ChildRow, workflow: WorkflowDefinition): Prepared {
  const { childId, parentId, slot, number, ref, packDigest, traceparent } = child;
  return prepared(workflow, child.input, {
    id: childId,
    ref,
    packDigest,
    createdBy: `run:${parentId}`,
    eventId: null,
    rule: null,
    retryOf: null,
    // Of a parent that was given none too: a tree of runs is one trace.
    traceparent: traceparent ?? traceOfId(parentId),
    parent: { runId: parentId, slot, number },
  });
}

/** The same for a new try of an ended run: `reused` is what it takes over. */
export function prepareTry(
  { newId }: Pick<PrepareDeps, "newId">,
  tried: Pick<StoredRun, "ref" | "input" | "eventId" | "rule" | "traceparent">,
  { workflow, packDigest }: PinnedWorkflow,
  retry: { readonly of: string; readonly by: string; readonly reused: Reused },
): Prepared {
  const { ref, input, eventId, rule, traceparent } = tried;
  const facts = { id: newId(), ref, packDigest, eventId, rule, traceparent, parent: null };
  const { of: retryOf, by: createdBy, reused } = retry;
  return prepared(workflow, input, { ...facts, retryOf, createdBy }, reused);
}

type Facts = Omit<KeptRun, "workflow" | "keyed" | "createdAt" | "state" | "version" | "instants">;

function prepared(
  workflow: WorkflowDefinition,
  input: Json,
  facts: Facts,
  reused?: Reused,
): Prepared {
  const { id, ref } = facts;
  const createdAt = new Date(momentOf(id));
  const told = { id, ref, created_at: createdAt.toISOString() };
  const advanced = begin(workflow, input, told, createdAt.getTime(), reused);
  const { state } = advanced;
  const keyed = usesKeys(workflow);
  const run: KeptRun = { ...facts, workflow, keyed, createdAt, state, version: 0, instants: [] };
  return { id, run, advanced, ...(reused === undefined ? {} : { reused }) };
}

function refuseLarge(input: Json, maxBytes: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes <= maxBytes) return;
  const message = `the input has ${bytes} bytes as JSON; at most ${maxBytes} are allowed (YARD_MAX_INLINE)`;
  const hint = "put what is large into a file or a store, and hand over where it is";
  throw new AppError("too_large", message, { errors: [{ path: "/input", message, hint }] });
}

function unknownRef(ref: string, refs: Iterable<string>): AppError {
  const near = nearestRef(ref, refs);
  const hint =
    near === undefined ? "see `yard packs` for what is there" : `did you mean "${near}"?`;
  const errors = [
    { path: "/ref", message: `there is no action or workflow "${ref}"`, got: ref, hint },
  ];
  return new AppError("unknown_ref", `there is no action or workflow "${ref}": ${hint}`, {
    errors,
  });
}
