/**
 * The client of a Yardmaster server. What the methods of `Client` take and give is exported beside them, under the names
 * that the API has.
 */

export type {
  AcceptedEvent,
  Action,
  AuditRecord,
  AuditVerification,
  CallInput,
  CallResize,
  CancelAnswer,
  CancelCall,
  CanceledCall,
  CancelTask,
  ChangedNode,
  ChangeNode,
  ChangeSecret,
  ChangeTask,
  Checkup,
  CreatedTask,
  CreatedToken,
  CreateSource,
  CreateTask,
  CreateToken,
  Decision,
  DeliveryRecord,
  EventDetail,
  ExecEvent,
  ExecOnNode,
  ExecResult,
  Explanation,
  FeedChange,
  Inquiry,
  ListAudit,
  ListDecisions,
  ListDeliveries,
  ListEvents,
  ListedEvent,
  ListInquiries,
  ListNodes,
  ListRuns,
  ListTasks,
  LogLine,
  NodeFileContent,
  NodeSession,
  Pack,
  PairedNode,
  PairNode,
  PauseAnswer,
  PauseTask,
  PostEvent,
  PreviewTask,
  PutSecret,
  Queue,
  QueueDetail,
  QueueExplanation,
  ReadNodeFile,
  ReplayEvent,
  ReplayEvents,
  Replayed,
  ReplayReport,
  ResetResult,
  ResetSession,
  ResumeAnswer,
  Retried,
  RetryPlan,
  RetryRun,
  RetryRuns,
  RevokeNode,
  RotatedNode,
  RotateNode,
  RotateSource,
  Rule,
  RuleDetail,
  RuleExplained,
  RuleHistory,
  RuleTrial,
  Run,
  RunFile,
  RunNow,
  RunNowAnswer,
  Secret,
  Sensor,
  SensorExplanation,
  SensorLogLine,
  ServerStatus,
  SnoozeAnswer,
  SnoozeTask,
  Source,
  StartRun,
  Step,
  StreamQuery,
  Task,
  TaskExplanation,
  TaskPreview,
  TestRule,
  Token,
  Verification,
  Workflow,
  WriteNodeFile,
  WrittenNodeFile,
  YardEvent,
  YardNode,
} from "@yardmaster/protocol";
export {
  AppError,
  type ErrorCode,
  type FieldError,
  isAppError,
  isFinal,
  type Json,
  type JsonObject,
  type RunStatus,
} from "@yardmaster/protocol/core";
export { type Client, createClient } from "./client.ts";
export { optionsOfEnvironment } from "./environment.ts";
export type { PacksClient, SourcesClient, TokensClient } from "./resources/administration.ts";
export type { AuditClient } from "./resources/audit.ts";
export type { ActionsClient, QueuesClient, WorkflowsClient } from "./resources/catalog.ts";
export type {
  DecisionsClient,
  DeliveriesClient,
  EventsClient,
  SendOptions,
} from "./resources/events.ts";
export type { NodesClient } from "./resources/nodes.ts";
export type { RulesClient } from "./resources/rules.ts";
export type { WaitOptions } from "./resources/run-end.ts";
export type { FileOptions } from "./resources/run-files.ts";
export { isRunError, type ResultOptions, RunError } from "./resources/run-result.ts";
export {
  type LogOptions,
  MAX_HELD_MS,
  type RunsClient,
  type StartOptions,
} from "./resources/runs.ts";
export type { SecretsClient } from "./resources/secrets.ts";
export type { SensorLogOptions, SensorsClient } from "./resources/sensors.ts";
export type { ChangeTaskOptions, TasksClient } from "./resources/tasks.ts";
export type { TrackersClient } from "./resources/trackers.ts";
export type { WorkClient, WorkOrdersClient } from "./resources/work.ts";
export type { StreamMessage, StreamOptions } from "./stream/stream.ts";
export type { Listing, Page, Paging } from "./transport/pages.ts";
export { type TraceContext, traceOfEnvironment } from "./transport/trace-context.ts";
export type { CallOptions, ClientOptions } from "./transport/transport.ts";
export { sendWebhook, type WebhookOptions, type WebhookReply } from "./webhook.ts";
