export { createEngine } from "./engine.ts";
export type {
  CommitOutcome,
  CommitPart,
  CommitUnit,
  DefinitionSource,
  Engine,
  PartAnswer,
  PinnedWorkflow,
  PreparedRun,
  RunRequest,
  StepFilesPort,
} from "./engine.types.ts";
export type { Change, Feed, FeedItem } from "./feed/feed.types.ts";
export { type FeedLoop, type Settled, startFeedLoop } from "./feed/feed-loop.ts";
export { tellOpen } from "./inquiries/explain-inquiry.ts";
export type { InquiryKey } from "./inquiries/inquiries.store.ts";
export type { KeyLine, LaneStatus, RunningAttempt, WaitingAttempt } from "./lanes/lanes.store.ts";
export type { LaneDetail, Lanes } from "./lanes/lanes.ts";
export { NODE_LEASE_MS } from "./node-work/node-work.ts";
export type { NodePlace, NodeSession, NodeWork } from "./node-work/node-work.types.ts";
export { ENGINE_POINTS, type EnginePoint, type OnPoint } from "./points.ts";
export type { ExplainTarget } from "./reading/explain-live.ts";
export type {
  AttemptView,
  Explanation,
  ItemView,
  LogLine,
  RunFilter,
  RunRecord,
  StepRecord,
  Verification,
} from "./reading/reading.types.ts";
export {
  END_OF_REST,
  type RestingWorker,
  restingAmong,
  restingText,
} from "./reading/resting-workers.ts";
export { goneRuns, rootOfRun } from "./reading/run-tree.store.ts";
export { settleRestored } from "./restored/restored.ts";
export {
  deleteOldChanges,
  deleteOldLogs,
  deleteOldRuns,
  deleteOldSessions,
} from "./retention.store.ts";
export type { EngineDeps, EngineOptions, RunningEngine } from "./running-engine.types.ts";
export { processTimers, type Timers } from "./scheduler/timers.ts";
export type { Processes } from "./sessions/processes.ts";
export { endProcesses, holdOffProcesses } from "./sessions/sessions.store.ts";
export { spanOfId, traceFrom, traceOfId } from "./trace/run-trace.ts";
export {
  placeInTrace,
  type Span,
  type SpanAttributes,
  spanTimes,
  type TakeSpans,
} from "./trace/span.ts";
export { runOfTraceState } from "./trace/trace-state.ts";
export { LAST_GRACE_MS } from "./worker/worker.ts";
