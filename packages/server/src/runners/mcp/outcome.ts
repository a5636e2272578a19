import type { Json, JsonObject, WorkError } from "@yardmaster/protocol";
import { Failed } from "../rpc/failed.ts";
import { isWorkError } from "../runner.ts";
import type { Late } from "./end-text.ts";
import { type Stop, stoppedBy } from "./stopped.ts";

/** What became of a call. */
export type Outcome =
  | { readonly kind: "answered"; readonly result: JsonObject }
  | { readonly kind: "failed"; readonly error: WorkError }
  | { readonly kind: "stopped"; readonly why: Stop };

/** The call, or what breaks it off. */
export async function outcomeOf(
  calling: Promise<JsonObject>,
  stopped: Promise<Stop>,
): Promise<Outcome> {
  try {
    return await Promise.race([
      calling.then((result): Outcome => ({ kind: "answered", result })),
      stopped.then((why): Outcome => ({ kind: "stopped", why })),
    ]);
  } catch (error) {
    if (error instanceof Failed) return { kind: "failed", error: error.error };
    throw error;
  }
}

/** An attempt's result without its facts. */
export type Ended =
  | { readonly status: "success"; readonly output: Json }
  | { readonly status: "failed" | "timed_out" | "canceled"; readonly error: WorkError };

export function endedBy(
  outcome: Outcome,
  from: {
    readonly timeoutMs: number;
    readonly late: Late;
    readonly read: (result: JsonObject) => { readonly output: Json } | WorkError;
  },
): Ended {
  if (outcome.kind === "failed") return { status: "failed", error: outcome.error };
  if (outcome.kind === "stopped") return stoppedBy(outcome.why, from.timeoutMs, from.late);
  const read = from.read(outcome.result);
  return isWorkError(read)
    ? { status: "failed", error: read }
    : { status: "success", output: read.output };
}
