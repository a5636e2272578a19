import type {
  Action,
  Checkup,
  Queue,
  QueueDetail,
  QueueExplanation,
  Workflow,
} from "@yardmaster/protocol";
import type { Listing } from "./pages.ts";
import type { CallOptions, Transport } from "./transport.ts";

interface OfPack {
  readonly pack?: string;
}

export interface ActionsClient {
  list(filter?: Listing<OfPack>): AsyncGenerator<Action, void, undefined>;
  get(ref: string, options?: CallOptions): Promise<Action>;
}

export interface WorkflowsClient {
  list(filter?: Listing<OfPack>): AsyncGenerator<Workflow, void, undefined>;
  get(ref: string, options?: CallOptions): Promise<Workflow>;
}

export interface QueuesClient {
  list(filter?: Listing<object>): AsyncGenerator<Queue, void, undefined>;
  /** With what waits and runs in it. */
  get(name: string, options?: CallOptions): Promise<QueueDetail>;
  explain(name: string, options?: CallOptions): Promise<QueueExplanation>;
  /** What runs in it goes on, nothing more is started. */
  pause(name: string, options?: CallOptions): Promise<QueueDetail>;
  resume(name: string, options?: CallOptions): Promise<QueueDetail>;
}

export function createActionsClient(transport: Transport): ActionsClient {
  return {
    list: (filter = {}) => listWhole(transport, { path: "/v1/actions", pack: filter.pack }, filter),
    get: (ref, { signal } = {}) => transport.json({ path: pathOf("/v1/actions", ref), signal }),
  };
}

export function createWorkflowsClient(transport: Transport): WorkflowsClient {
  return {
    list: (filter = {}) =>
      listWhole(transport, { path: "/v1/workflows", pack: filter.pack }, filter),
    get: (ref, { signal } = {}) => transport.json({ path: pathOf("/v1/workflows", ref), signal }),
  };
}

export function createQueuesClient(transport: Transport): QueuesClient {
  return {
    list: (filter = {}) => listWhole(transport, { path: "/v1/queues" }, filter),
    get: (name, { signal } = {}) => transport.json({ path: pathOf("/v1/queues", name), signal }),
    explain: (name, { signal } = {}) =>
      transport.json({ path: `${pathOf("/v1/queues", name)}/explain`, signal }),
    pause: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: `${pathOf("/v1/queues", name)}/pause`, signal }),
    resume: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: `${pathOf("/v1/queues", name)}/resume`, signal }),
  };
}

/** A list that comes whole, in one answer. */
async function* listWhole<Item>(
  transport: Transport,
  request: { readonly path: string; readonly pack?: string | undefined },
  { signal, limit = Number.POSITIVE_INFINITY }: Listing<object>,
): AsyncGenerator<Item, void, undefined> {
  const { path, pack } = request;
  yield* (await transport.json<readonly Item[]>({ path, query: { pack }, signal })).slice(0, limit);
}

/** What the server finds wrong with itself. */
export function readCheckup(transport: Transport, { signal }: CallOptions = {}): Promise<Checkup> {
  return transport.json({ path: "/v1/doctor", signal });
}

function pathOf(list: string, name: string): string {
  return `${list}/${encodeURIComponent(name)}`;
}
