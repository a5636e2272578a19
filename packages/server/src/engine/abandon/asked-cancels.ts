import type { RunEvent } from "@yardmaster/kernel";
import { isDefinitionMissing } from "../keeper/definition-of.ts";
import type { Posted } from "../keeper/posted.ts";
import type { AskedCancel, AskedCancelStore } from "./asked-cancels.store.ts";

/** How long the other processes have, one of which may have the definition: each looks every 2 s at most. */
export const ABANDON_AFTER_MS = 10_000;
const BATCH = 200;

export interface AskedCancelsDeps {
  readonly store: Pick<AskedCancelStore, "askCancel" | "askedCancels" | "forgetCancel">;
  readonly post: (runId: string, event: RunEvent) => Promise<Posted>;
  /** Living processes besides this one. */
  readonly others: () => number;
  readonly onError: (error: unknown, what: string) => void;
  readonly now: () => number;
}

/**
 * Cancels that were asked of a process without the run's definition. Who has it cancels the run in order, with its
 * cleanup; where nobody else lives, or nobody has done so for a while, the run is abandoned: it ends as it stands.
 */
export function createAskedCancels(deps: AskedCancelsDeps) {
  const { store } = deps;

  /** What can be done now; a run is abandoned after those that are its steps. */
  async function runOnce(): Promise<void> {
    for (;;) {
      const asked = await store.askedCancels(BATCH);
      const moved = await Promise.all(asked.map(seeTo));
      if (!moved.includes(true)) return;
    }
  }

  /** Whether that changes what others of the tree wait for. */
  async function seeTo({ runId, by, askedMs, isLeaf }: AskedCancel): Promise<boolean> {
    const at = deps.now();
    try {
      await deps.post(runId, { type: "cancel_requested", at, by });
      await store.forgetCancel(runId);
      return false;
    } catch (error) {
      if (!isDefinitionMissing(error)) {
        deps.onError(error, `run ${runId} could not be canceled; trying again`);
        return false;
      }
    }
    if (askedMs < ABANDON_AFTER_MS && deps.others() > 0) return false;
    try {
      if (!isLeaf) {
        // A step may have been born since, by who has the definition and is gone.
        await store.askCancel(runId, by);
        return false;
      }
      return (await deps.post(runId, { type: "abandoned", at, by })) === "applied";
    } catch (error) {
      deps.onError(error, `run ${runId} could not be ended without its definition; trying again`);
      return false;
    }
  }

  return { runOnce };
}

export type AskedCancels = ReturnType<typeof createAskedCancels>;
