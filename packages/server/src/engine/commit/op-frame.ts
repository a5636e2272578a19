import type { KeptRun } from "../keeper/kept-run.ts";
import type { OpFrame } from "./run-op.types.ts";

export interface OpFrameDeps {
  readonly newId: () => string;
  /** Of this process's session now. */
  readonly sessionId: () => string;
}

/** What an advance of a run is written with, whatever it decides; `at` is when that was. */
export function opFrame(
  { newId, sessionId }: OpFrameDeps,
  run: Pick<KeptRun, "id" | "version" | "keyed" | "parent">,
  at: Date,
): OpFrame {
  return {
    opId: newId(),
    runId: run.id,
    expected: run.version,
    sessionId: sessionId(),
    keyed: run.keyed,
    isChild: run.parent !== null,
    at,
    newId,
  };
}
