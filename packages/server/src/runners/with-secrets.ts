import type { ActionDefinition, SecretValues } from "@yardmaster/kernel";
import { isJsonObject, type Json, type WorkError } from "@yardmaster/protocol";
import { createMasker, MASK, type Masker } from "./masking/index.ts";
import { stoppedResult } from "./process/outcome.ts";
import { type AttemptContext, type AttemptResult, NOTHING_RAN, stopReason } from "./runner.ts";

/** The newest values of all that are named, or why one of them is not given. */
export type ReadSecrets = (
  names: readonly string[],
  /** Who is to have them: a pack, and the run whose attempt waits for them. */
  asker: {
    readonly pack: string;
    readonly runId?: string;
    /** Ends the wait for a database that is away; without it that is bounded. Rejects then. */
    readonly signal?: AbortSignal;
  },
) => Promise<{ readonly values: SecretValues } | { readonly error: WorkError }>;

export interface WithSecretsDeps {
  readonly readSecrets: ReadSecrets;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const TOLD = `[yard] A secret stood in what this attempt gave away; ${MASK} is in its place.\n`;

/** The pack that an action is of. */
export function packOf(ref: string): string {
  return ref.slice(0, Math.max(ref.indexOf("."), 0));
}

/**
 * Carries out an attempt with the secrets of its action, read as it begins: a retry has the newest. What it gives away is
 * masked before anybody has it: what processes print as it is read (see `captureBoth`), all else here.
 */
export async function withSecrets(
  { ref, runner, check }: Pick<ActionDefinition, "ref" | "runner" | "check">,
  names: readonly string[],
  context: AttemptContext,
  carryOut: (context: AttemptContext) => Promise<AttemptResult>,
  { readSecrets, now }: WithSecretsDeps,
): Promise<AttemptResult> {
  const { input, runId, signal, timeoutMs } = context;
  const isForProcess = runner.kind === "process" || check !== undefined;
  if (isForProcess && isJsonObject(input) && Object.hasOwn(input, "secrets"))
    return { status: "failed", error: noRoom(ref), facts: NOTHING_RAN };
  const read = await readSecrets(names, { pack: packOf(ref), runId, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    },
  );
  if (read === undefined)
    return stoppedResult({ stopped: stopReason(signal), timeoutMs }, NOTHING_RAN);
  if ("error" in read) return { status: "failed", error: read.error, facts: NOTHING_RAN };
  const masker = createMasker(Object.values(read.values));
  const result = await masked(carryOut({ ...context, secrets: read.values, masker }), masker);
  if (masker.hasMasked()) void context.onLog({ stream: "stderr", text: TOLD, at: now() });
  return result;
}

/** Declared inputs are held to this as the pack is loaded; one that takes any field is not. */
function noRoom(ref: string): WorkError {
  const message = `The input of ${ref} has a field "secrets", which is where its process finds its secrets: give it another name.`;
  return { code: "invalid_input", message };
}

/** The result without the secrets that the masker knows. */
export async function masked(
  working: Promise<AttemptResult>,
  masker: Masker,
): Promise<AttemptResult> {
  const result = await working.catch((error: unknown) => {
    // It is told as what broke, and is our own: only its words are looked at.
    if (error instanceof Error) error.message = masker.text(error.message);
    throw error;
  });
  if (result.status === "success") return { ...result, output: masker.json(result.output) };
  return { ...result, error: maskedError(result.error, masker) };
}

function maskedError({ code, message, details }: WorkError, masker: Masker): WorkError {
  const clean = { code, message: masker.text(message) };
  if (details === undefined) return clean;
  return { ...clean, details: masker.json(details as Json) as NonNullable<WorkError["details"]> };
}
