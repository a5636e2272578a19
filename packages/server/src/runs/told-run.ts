import type { RunRecord } from "../engine/index.ts";
import type { Principal } from "../http/index.ts";

/** Of the answer, for the description of a route. */
export const TOLD_OF =
  "To a token without runs:read the run is told without input, output, outputs, error and reason.";

/**
 * A run of anybody's, as whoever has asked for a change of it is told of it. Where the token may not read runs: without
 * what went in and what came out, as in a list without payloads.
 */
export function toldRun(run: RunRecord, { scopes }: Pick<Principal, "scopes">): RunRecord {
  if (scopes.includes("runs:read") || scopes.includes("admin")) return run;
  return { ...run, input: null, output: null, outputs: {}, error: null, reason: null };
}
