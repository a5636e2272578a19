import type { RunEvent } from "@yardmaster/kernel";
import { type StoredRun, storedAdvances } from "../../src/engine/keeper/keeper.store.ts";
import type { Tables } from "./tables.ts";

/** `loadRun`: a live run with its journal, and an ended one where asked for. */
export function loadStored(
  tables: Tables,
  runId: string,
  options: { readonly ended: boolean },
): StoredRun | undefined {
  const run = tables.runs.get(runId) ?? (options.ended ? tables.history.get(runId) : undefined);
  if (run === undefined) return undefined;
  const { birth, version } = run;
  const rows = (tables.journal.get(runId) ?? []).map(({ events, decisions }) => ({
    events: JSON.parse(events) as RunEvent[],
    decisions: JSON.parse(decisions) as string[],
  }));
  const { input, ...facts } = birth;
  const placed = [...tables.dispatch.values(), ...tables.leases.values()].flatMap((row) =>
    row.runId === runId ? [{ slot: row.slot, number: row.number }] : [],
  );
  const { instantBy } = run;
  return {
    ...facts,
    version,
    input: JSON.parse(input),
    instantBy,
    placed,
    ...storedAdvances(rows),
  };
}
