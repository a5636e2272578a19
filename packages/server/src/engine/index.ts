export { createEngine, type EngineDeps, type EngineOptions, type RunningEngine } from "./engine.ts";
export type {
  AttemptView,
  Change,
  CommitOutcome,
  CommitPart,
  CommitUnit,
  DefinitionSource,
  Engine,
  Explanation,
  Feed,
  FeedItem,
  ItemView,
  LogLine,
  PartAnswer,
  PinnedWorkflow,
  PreparedRun,
  RunFilter,
  RunRecord,
  RunRequest,
  StepFilesPort,
  StepRecord,
  Verification,
} from "./engine.types.ts";
export type { ExplainTarget } from "./explain.ts";
export type { KeyLine, LaneStatus, RunningAttempt, WaitingAttempt } from "./lanes.store.ts";
export type { LaneDetail, Lanes } from "./lanes.ts";
export {
  NODE_LEASE_MS,
  type NodePlace,
  type NodeSession,
  type NodeWork,
} from "./node-work.ts";
export { ENGINE_POINTS, type EnginePoint, type OnPoint } from "./points.ts";
export type { Processes } from "./processes.ts";
export {
  deleteOldChanges,
  deleteOldLogs,
  deleteOldRuns,
  deleteOldSessions,
} from "./retention.store.ts";
export { spanOfId, traceFrom, traceOfId } from "./run-trace.ts";
export { goneRuns, rootOfRun } from "./run-tree.store.ts";
export {
  placeInTrace,
  type Span,
  type SpanAttributes,
  spanTimes,
  type TakeSpans,
} from "./span.ts";
