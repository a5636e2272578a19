export { claim, claimed, leasedByClaims, pick, waitingLanes } from "./claims.ts";
export { loadStored } from "./load.ts";
export * from "./schedule.ts";
export { type DispatchLine, emptyTables, rowKey, type Tables } from "./tables.ts";
export { writeBatch } from "./write-batch.ts";
export { type Breakage, isLive } from "./write-ops.ts";
