import {
  type AttemptPlace,
  openAttempts,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import { createSlices } from "../../slices.ts";
import type { DefinitionSource } from "../engine.types.ts";
import type { StoredRun } from "../keeper/keeper.store.ts";
import { foldInSlices } from "../keeper/kept-run.ts";
import type { DispatchView } from "../reading/waiting.store.ts";

/*
 * Instant attempts end as they start, in the process that commits them, so they have no row of their own: the run
 * names the session that is at them (`instant_by`), and they are what its fold knows to be open and no row places.
 */

/** The open instant attempts of a run that this session was at; empty when another's mark has taken its place. */
export async function openInstants(
  deps: {
    readonly load: (runId: string) => Promise<StoredRun | undefined>;
    readonly definitions: DefinitionSource;
    readonly monotonicMs: () => number;
  },
  runId: string,
  sessionId: string,
): Promise<AttemptPlace[]> {
  const stored = await deps.load(runId);
  if (stored === undefined || stored.instantBy !== sessionId) return [];
  const workflow = await deps.definitions.pinned(stored.ref, stored.packDigest);
  const slices = createSlices(deps.monotonicMs);
  const { state } = await foldInSlices(runId, stored, workflow, slices);
  return unplaced(stored, workflow, state);
}

/** A run's open instant attempts as the rows of leased ones are read. */
export function instantViews(
  stored: StoredRun,
  workflow: WorkflowDefinition,
  state: RunState,
): DispatchView[] {
  const { instantBy } = stored;
  if (instantBy === null) return [];
  return unplaced(stored, workflow, state).map(({ slot, number }) => ({
    ...{ slot, number, state: "leased", runner: "", queue: "", key: null },
    ...{ due_at: null, leased_at: null, session_id: instantBy, gone_at: null, node: null },
  }));
}

/** The rows were read in one statement with the journal, so they are of the moment of the state. */
function unplaced(
  { placed }: StoredRun,
  workflow: WorkflowDefinition,
  state: RunState,
): AttemptPlace[] {
  const keys = new Set(placed.map(({ slot, number }) => `${slot}/${number}`));
  return openAttempts(workflow, state).filter(({ slot, number }) => !keys.has(`${slot}/${number}`));
}
