import { type Advanced, begin } from "@yardmaster/kernel";
import { AppError, type Json, nearest } from "@yardmaster/protocol";
import type { DefinitionSource, PreparedRun, RunRequest } from "./engine.types.ts";
import { type KeptRun, usesKeys } from "./kept-run.ts";

export interface PrepareDeps {
  readonly definitions: DefinitionSource;
  readonly now: () => number;
  readonly newId: () => string;
}

/** A run in memory, with what its birth decided. */
export interface Prepared extends PreparedRun {
  readonly run: KeptRun;
  readonly advanced: Advanced;
}

/** Largest input of a run, as JSON text. */
const MAX_INPUT_BYTES = 1024 * 1024;

/** Checks ref and input, and takes the interpreter's first step. Throws AppError unknown_ref, invalid_input, too_large. */
export function prepareRun(deps: PrepareDeps, request: RunRequest): Prepared {
  const pinned = deps.definitions.current(request.ref);
  if (pinned === undefined) throw unknownRef(request.ref, deps.definitions.refs());
  const checked = pinned.workflow.input.validate(request.input);
  if (!checked.ok) {
    const errors = checked.errors.map((error) => ({ ...error, path: `/input${error.path}` }));
    throw new AppError("invalid_input", `the input does not fit ${request.ref}`, { errors });
  }
  refuseLarge(checked.value);
  const id = deps.newId();
  const createdAt = new Date(deps.now());
  const facts = { id, ref: request.ref, created_at: createdAt.toISOString() };
  const advanced = begin(pinned.workflow, checked.value, facts, createdAt.getTime());
  const run: KeptRun = {
    id,
    ref: request.ref,
    packDigest: pinned.packDigest,
    workflow: pinned.workflow,
    keyed: usesKeys(pinned.workflow),
    createdAt,
    createdBy: request.createdBy,
    eventId: request.eventId ?? null,
    rule: request.rule ?? null,
    traceparent: request.traceparent ?? null,
    state: advanced.state,
    version: 0,
  };
  return { id, run, advanced };
}

function refuseLarge(input: Json): void {
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes <= MAX_INPUT_BYTES) return;
  const message = `the input has ${bytes} bytes as JSON; at most ${MAX_INPUT_BYTES} are allowed`;
  const hint = "put what is large into a file or a store, and hand over where it is";
  throw new AppError("too_large", message, { errors: [{ path: "/input", message, hint }] });
}

function unknownRef(ref: string, refs: Iterable<string>): AppError {
  const near = nearest(ref, refs);
  const hint =
    near === undefined ? "see `yard packs` for what is there" : `did you mean "${near}"?`;
  const errors = [
    { path: "/ref", message: `there is no action or workflow "${ref}"`, got: ref, hint },
  ];
  return new AppError("unknown_ref", `there is no action or workflow "${ref}": ${hint}`, {
    errors,
  });
}
