import type { Tables } from "../model/index.ts";
import { nameOf } from "./child.ts";

/** What callers were promised, and what ended. */
export interface Promised {
  readonly acknowledged: ReadonlySet<string>;
  readonly canceled: ReadonlySet<string>;
  readonly finals: ReadonlyMap<string, string>;
}

/** When everything has ended, or should have: whether the store keeps what was promised, and nothing is left over. */
export function checkEnd(tables: Tables, promised: Promised, breach: (what: string) => void): void {
  const { acknowledged, canceled, finals } = promised;
  for (const runId of acknowledged) {
    if (!tables.runs.has(runId) && !tables.history.has(runId))
      breach(`run ${runId} was acknowledged and is lost`);
  }
  for (const runId of canceled) {
    const status = tables.history.get(runId)?.status;
    if (status !== undefined && status !== "canceled")
      breach(`the cancel of ${runId} was acknowledged and it ended as ${status}`);
  }
  for (const [runId, status] of finals) {
    if (tables.history.get(runId)?.status !== status)
      breach(`run ${runId} had ended as ${status}, the store says otherwise`);
  }
  const { dispatch, leases, timers } = tables;
  for (const row of [...dispatch.values(), ...leases.values(), ...timers.values()])
    if (!tables.runs.has(row.runId)) breach(`${nameOf(row)} is left of an ended run`);
  for (const { childId, parentId } of tables.children.values())
    if (!tables.runs.has(parentId)) breach(`the call of ${childId} is left of an ended run`);
  for (const line of tables.queueKeys)
    if (!tables.runs.has(line.runId)) breach(`ended run ${line.runId} stands in a line`);
}
