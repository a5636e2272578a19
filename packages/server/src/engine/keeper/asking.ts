import { pausedWith, type RunEvent, type RunState } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { askCancel } from "../abandon/asked-cancels.store.ts";
import type { AskedCancels } from "../abandon/asked-cancels.ts";
import type { DefinitionSource, Engine } from "../engine.types.ts";
import { selectRun } from "../reading/reading.store.ts";
import type { RunRecord } from "../reading/reading.types.ts";
import { pausedAncestor } from "../reading/run-tree.store.ts";
import { definitionOf, isDefinitionMissing } from "./definition-of.ts";
import { loadRun } from "./keeper.store.ts";
import type { Keeper } from "./keeper.ts";
import { foldInSlices } from "./kept-run.ts";
import type { Posted } from "./posted.ts";

export interface AskingDeps {
  readonly pool: Pool;
  readonly definitions: DefinitionSource;
  readonly keeper: Pick<Keeper, "post">;
  readonly askedCancels: AskedCancels;
  readonly run: Engine["run"];
  readonly now: () => number;
}

type Asking = Pick<Engine, "cancel" | "pause" | "resume">;

/** What people ask of a run that is live: to stop, to wait, to go on. */
export function createAsking(deps: AskingDeps): Asking {
  const { pool, definitions, keeper, run, now } = deps;

  /** What was asked before already changes nothing, and is answered alike. */
  async function ask(id: string, event: RunEvent): Promise<{ posted: Posted; record: RunRecord }> {
    const posted = await keeper.post(id, event);
    const record = await run(id);
    if (record === undefined) throw new AppError("not_found", `there is no run ${id}`);
    if (posted === "gone")
      throw new AppError("already_final", `run ${id} has ended already: ${record.status}`);
    return { posted, record };
  }

  /** The cancel ended a pause itself; one that began after a cancel is over when that is asked again. */
  async function letGoOn(record: RunRecord, by: string): Promise<RunRecord> {
    const { id } = record;
    const row = await selectRun(pool, id);
    // With the run that it is a step of it is held again at once: that one's pause is not its own to end.
    if (!row?.paused_by || pausedWith(row.paused_by) !== undefined) return record;
    await keeper.post(id, { type: "resumed", at: now(), by });
    return (await run(id)) ?? record;
  }

  /** Nothing of `finally` is left out, and how the run ends is decided by then. A cancel that is asked again is fine. */
  async function refuseTooLate(id: string): Promise<void> {
    const state = await stateOf(id);
    if (state?.phase !== "finalizing" || state.outcome === "canceled") return;
    throw new AppError(
      "conflict",
      `run ${id} cannot be canceled any more: its steps are over, and it ends as ${state.outcome} once its \`finally\` is done`,
    );
  }

  async function stateOf(id: string): Promise<RunState | undefined> {
    const stored = await loadRun(pool, id, { ended: true });
    if (stored === undefined) return undefined;
    const workflow = await definitionOf(definitions, id, stored);
    return (await foldInSlices(id, stored, workflow)).state;
  }

  /** Where another process may have the definition it is ended there, or in a while without one. */
  async function cancelWithout(id: string, by: string, error: Error): Promise<RunRecord> {
    await askCancel(pool, id, by);
    await deps.askedCancels.runOnce();
    const record = await run(id);
    if (record === undefined) throw error;
    return record;
  }

  return {
    async cancel(id, by) {
      try {
        const { posted, record } = await ask(id, { type: "cancel_requested", at: now(), by });
        if (posted === "late") await refuseTooLate(id);
        return await letGoOn(record, by);
      } catch (error) {
        if (!isDefinitionMissing(error)) throw error;
        return await cancelWithout(id, by, error);
      }
    },
    pause: async (id, by) => (await ask(id, { type: "paused", at: now(), by })).record,
    async resume(id, by) {
      const holder = await pausedAncestor(pool, id);
      if (holder !== undefined)
        throw new AppError(
          "conflict",
          `run ${id} is paused with run ${holder}, of which it is a step, and goes on with that: yard runs resume ${holder}`,
        );
      return (await ask(id, { type: "resumed", at: now(), by })).record;
    },
  };
}
