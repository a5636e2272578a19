import { AppError, type Json } from "@yardmaster/protocol";
import type { Engine, PreparedRun, RunRecord } from "../engine/index.ts";
import type { RouteRequest } from "../http/index.ts";
import { firstRunOf, idempotencyPart, requestHash } from "./idempotency.ts";

/**
 * Commits a run under the request's Idempotency-Key, if it has one. Gives the id of the run that answers the request:
 * the new one, or the one that the key started before. `identity` tells requests under one key apart.
 */
export async function commitRun(
  engine: Engine,
  run: PreparedRun,
  request: Pick<RouteRequest<object>, "idempotencyKey" | "principal">,
  identity: readonly (Json | object)[],
): Promise<string> {
  const key = request.idempotencyKey;
  if (key === undefined) {
    await engine.commit({ runs: [run] });
    return run.id;
  }
  const row = {
    tokenId: request.principal.tokenId,
    key,
    requestHash: requestHash(identity),
    runId: run.id,
  };
  const outcome = await engine.commit({ part: { kind: idempotencyPart, row }, runs: [run] });
  return outcome === "done" ? run.id : firstRunOf(outcome.refused);
}

export async function existingRun(engine: Engine, id: string): Promise<RunRecord> {
  const run = await engine.run(id);
  // Retention removed what an idempotency key still names.
  if (run === undefined) throw new AppError("not_found", `The run ${id} is kept no longer`);
  return run;
}
