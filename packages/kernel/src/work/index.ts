export { nextTryMs } from "./backoff.ts";
export { compareWork, lineOf, startable } from "./pick-order.ts";
export {
  LOOK_AGAIN_MS,
  moveWork,
  NEW_WORK,
  type WorkContext,
  type WorkEvent,
  type WorkMove,
  type WorkReason,
  type WorkReasonCode,
  type WorkState,
} from "./work.machine.ts";
export {
  DEFAULT_WORK_PRIORITY,
  isComplete,
  type Readiness,
  readinessOf,
  type WorkNode,
} from "./work-graph.ts";
