export * from "./asked.ts";
export {
  childEnd,
  childrenAtRest,
  childrenToFollow,
  findChild,
  withdrawChild,
} from "./children.ts";
export {
  beginClaim,
  claim,
  commitClaim,
  lease,
  leasedByClaims,
  pauseLane,
  pick,
  putBack,
  readyInstants,
  rollBackClaim,
  stillLeased,
  waitingLanes,
} from "./claims.ts";
export { loadStored } from "./load.ts";
export * from "./schedule.ts";
export {
  type ChildLine,
  emptyTables,
  isLive,
  Locked,
  rowKey,
  type SessionLine,
  snapshotOf,
  type Tables,
} from "./tables.ts";
export { writeBatch } from "./write-batch.ts";
export { type Breakage, DuplicateRow } from "./write-ops.ts";
