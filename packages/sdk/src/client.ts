import type { Checkup, ServerStatus, StreamQuery } from "@yardmaster/protocol";
import { optionsOfEnvironment } from "./environment.ts";
import {
  createPacksClient,
  createSourcesClient,
  createTokensClient,
  type PacksClient,
  readStatus,
  type SourcesClient,
  type TokensClient,
} from "./resources/administration.ts";
import { type AuditClient, createAuditClient } from "./resources/audit.ts";
import {
  type ActionsClient,
  createActionsClient,
  createQueuesClient,
  createWorkflowsClient,
  type QueuesClient,
  readCheckup,
  type WorkflowsClient,
} from "./resources/catalog.ts";
import {
  createDecisionsClient,
  createDeliveriesClient,
  createEventsClient,
  type DecisionsClient,
  type DeliveriesClient,
  type EventsClient,
} from "./resources/events.ts";
import { createInquiriesClient, type InquiriesClient } from "./resources/inquiries.ts";
import { createNodesClient, type NodesClient } from "./resources/nodes.ts";
import { createRulesClient, type RulesClient } from "./resources/rules.ts";
import { createRunsClient, type RunsClient } from "./resources/runs.ts";
import { createSecretsClient, type SecretsClient } from "./resources/secrets.ts";
import { createSensorsClient, type SensorsClient } from "./resources/sensors.ts";
import { createTasksClient, type TasksClient } from "./resources/tasks.ts";
import { createTrackersClient, type TrackersClient } from "./resources/trackers.ts";
import {
  createWorkClient,
  createWorkOrdersClient,
  type WorkClient,
  type WorkOrdersClient,
} from "./resources/work.ts";
import { openStream, type StreamMessage, type StreamOptions } from "./stream/stream.ts";
import { type CallOptions, type ClientOptions, createTransport } from "./transport/transport.ts";

/**
 * The API of one Yardmaster server. All calls throw AppError: with the server's own code and field errors where it
 * answered, with `unavailable` where it could not be reached. An aborted `signal` is thrown as its reason.
 */
export interface Client {
  readonly runs: RunsClient;
  readonly events: EventsClient;
  readonly decisions: DecisionsClient;
  readonly deliveries: DeliveriesClient;
  readonly rules: RulesClient;
  readonly sources: SourcesClient;
  readonly inquiries: InquiriesClient;
  readonly sensors: SensorsClient;
  readonly secrets: SecretsClient;
  readonly tasks: TasksClient;
  readonly trackers: TrackersClient;
  readonly work: WorkClient;
  readonly workOrders: WorkOrdersClient;
  readonly tokens: TokensClient;
  readonly packs: PacksClient;
  readonly actions: ActionsClient;
  readonly workflows: WorkflowsClient;
  readonly queues: QueuesClient;
  readonly nodes: NodesClient;
  readonly audit: AuditClient;
  /** Version, database, sessions and queues of the server. */
  status(options?: CallOptions): Promise<ServerStatus>;
  /** What the server finds wrong with itself, as `yard doctor` shows it. */
  checkup(options?: CallOptions): Promise<Checkup>;
  /** What changes, as it changes, over broken connections; see StreamMessage for `ready`, `gap` and `cut`. */
  stream(
    query?: Omit<StreamQuery, "after">,
    options?: StreamOptions,
  ): AsyncGenerator<StreamMessage, void, undefined>;
}

/** Without options: of the server that `YARD_URL` names, with the token of `YARD_TOKEN`. */
export function createClient(options: ClientOptions = optionsOfEnvironment()): Client {
  const transport = createTransport(options);
  return {
    runs: createRunsClient(transport),
    events: createEventsClient(transport),
    decisions: createDecisionsClient(transport),
    deliveries: createDeliveriesClient(transport),
    rules: createRulesClient(transport),
    sources: createSourcesClient(transport),
    inquiries: createInquiriesClient(transport),
    sensors: createSensorsClient(transport),
    secrets: createSecretsClient(transport),
    tasks: createTasksClient(transport),
    trackers: createTrackersClient(transport),
    work: createWorkClient(transport),
    workOrders: createWorkOrdersClient(transport),
    tokens: createTokensClient(transport),
    packs: createPacksClient(transport),
    actions: createActionsClient(transport),
    workflows: createWorkflowsClient(transport),
    queues: createQueuesClient(transport),
    nodes: createNodesClient(transport),
    audit: createAuditClient(transport),
    status: (call) => readStatus(transport, call),
    checkup: (call) => readCheckup(transport, call),
    stream: (query = {}, stream = {}) =>
      openStream(transport, { path: "/v1/stream", query }, stream),
  };
}
