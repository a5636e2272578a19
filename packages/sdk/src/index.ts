export { type Client, createClient } from "./client.ts";
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
export {
  type LogOptions,
  MAX_HELD_MS,
  type RunsClient,
  type StartOptions,
} from "./resources/runs.ts";
export type { SensorLogOptions, SensorsClient } from "./resources/sensors.ts";
export type { StreamMessage, StreamOptions } from "./stream/stream.ts";
export type { Listing, Page, Paging } from "./transport/pages.ts";
export type { CallOptions, ClientOptions } from "./transport/transport.ts";
