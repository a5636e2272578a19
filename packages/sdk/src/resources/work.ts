import type {
  ChangeWorkItem,
  Explanation,
  ListWorkItems,
  PutWorkOrder,
  WorkItem,
  WorkItemDetail,
  WorkOrder,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

/** The issues that the bot works on. */
export interface WorkClient {
  /** The newest first. */
  list(filter?: Listing<ListWorkItems>): AsyncGenerator<WorkItem, void, undefined>;
  /** With the body of its issue and its tries. */
  get(id: string, options?: CallOptions): Promise<WorkItemDetail>;
  /** Its chain, its place in line, and what would let it go on. */
  explain(id: string, options?: CallOptions): Promise<Explanation>;
  /** Now, or with all its tries anew where they are used up; of one that is over it makes a new item. */
  retry(id: string, options?: CallOptions): Promise<WorkItem>;
  /** And the run that is at it. */
  cancel(id: string, options?: CallOptions): Promise<WorkItem>;
  /** How soon it is worked on among those that are ready. */
  change(id: string, change: ChangeWorkItem, options?: CallOptions): Promise<WorkItem>;
}

/** What is done with the issues of trackers that are assigned to their bots. */
export interface WorkOrdersClient {
  /** By tracker. */
  list(filter?: Listing<object>): AsyncGenerator<WorkOrder, void, undefined>;
  /** What is done with those of one tracker. */
  get(tracker: string, options?: CallOptions): Promise<WorkOrder>;
  /** Whole: what is left out has its default. */
  put(tracker: string, order: PutWorkOrder, options?: CallOptions): Promise<WorkOrder>;
  /** Refused while items of it are not over. */
  remove(tracker: string, options?: CallOptions): Promise<void>;
}

export function createWorkClient(transport: Transport): WorkClient {
  const path = (id: string, part = "") => `/v1/work-items/${encodeURIComponent(id)}${part}`;
  return {
    list: (filter = {}) => listPages(transport, "/v1/work-items", filter),
    get: (id, { signal } = {}) => transport.json({ path: path(id), signal }),
    explain: (id, { signal } = {}) => transport.json({ path: path(id, "/explain"), signal }),
    retry: (id, { signal } = {}) =>
      transport.json({ method: "POST", path: path(id, "/retry"), signal }),
    cancel: (id, { signal } = {}) =>
      transport.json({ method: "POST", path: path(id, "/cancel"), signal }),
    change: (id, body, { signal } = {}) =>
      transport.json({ method: "PATCH", path: path(id), body, signal }),
  };
}

export function createWorkOrdersClient(transport: Transport): WorkOrdersClient {
  const orderPath = (tracker: string) => `/v1/work-orders/${encodeURIComponent(tracker)}`;
  return {
    list: (filter = {}) => listPages(transport, "/v1/work-orders", filter),
    get: (tracker, { signal } = {}) => transport.json({ path: orderPath(tracker), signal }),
    put: (tracker, body, { signal } = {}) =>
      transport.json({ method: "PUT", path: orderPath(tracker), body, signal }),
    remove: (tracker, { signal } = {}) =>
      transport.json({ method: "DELETE", path: orderPath(tracker), signal }),
  };
}
