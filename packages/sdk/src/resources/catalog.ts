import type {
  Action,
  Checkup,
  ListQueues,
  Queue,
  QueueDetail,
  QueueExplanation,
  Workflow,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

interface OfPack {
  readonly pack?: string;
}

export interface ActionsClient {
  /** What workflows and runs can name. */
  list(filter?: Listing<OfPack>): AsyncGenerator<Action, void, undefined>;
  /** With the schemas of its input and its output. */
  get(ref: string, options?: CallOptions): Promise<Action>;
}

export interface WorkflowsClient {
  /** Those of all packs, or of one. */
  list(filter?: Listing<OfPack>): AsyncGenerator<Workflow, void, undefined>;
  /** With the schema of its input, and its steps. */
  get(ref: string, options?: CallOptions): Promise<Workflow>;
}

export interface QueuesClient {
  /** With their limits, and how much waits and runs. */
  list(filter?: Listing<ListQueues>): AsyncGenerator<Queue, void, undefined>;
  /** With what waits and runs in it. */
  get(name: string, options?: CallOptions): Promise<QueueDetail>;
  /** What it holds back, and by which limit. */
  explain(name: string, options?: CallOptions): Promise<QueueExplanation>;
  /** What runs in it goes on, nothing more is started. */
  pause(name: string, options?: CallOptions): Promise<QueueDetail>;
  /** Starts again what waits in it. */
  resume(name: string, options?: CallOptions): Promise<QueueDetail>;
}

export function createActionsClient(transport: Transport): ActionsClient {
  return {
    list: (filter = {}) => listPages(transport, "/v1/actions", filter),
    get: (ref, { signal } = {}) => transport.json({ path: pathOf("/v1/actions", ref), signal }),
  };
}

export function createWorkflowsClient(transport: Transport): WorkflowsClient {
  return {
    list: (filter = {}) => listPages(transport, "/v1/workflows", filter),
    get: (ref, { signal } = {}) => transport.json({ path: pathOf("/v1/workflows", ref), signal }),
  };
}

export function createQueuesClient(transport: Transport): QueuesClient {
  return {
    list: (filter = {}) => listPages(transport, "/v1/queues", filter),
    get: (name, { signal } = {}) => transport.json({ path: pathOf("/v1/queues", name), signal }),
    explain: (name, { signal } = {}) =>
      transport.json({ path: `${pathOf("/v1/queues", name)}/explain`, signal }),
    pause: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: `${pathOf("/v1/queues", name)}/pause`, signal }),
    resume: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: `${pathOf("/v1/queues", name)}/resume`, signal }),
  };
}

/** What the server finds wrong with itself. */
export function readCheckup(transport: Transport, { signal }: CallOptions = {}): Promise<Checkup> {
  return transport.json({ path: "/v1/doctor", signal });
}

function pathOf(list: string, name: string): string {
  return `${list}/${encodeURIComponent(name)}`;
}
