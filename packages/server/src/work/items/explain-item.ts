import { lineOf, readinessOf } from "@yardmaster/kernel";
import type { Explanation } from "@yardmaster/protocol";
import type { KnownNode } from "../follow/work-nodes.ts";
import type { OrderRow } from "../orders/order-row.ts";
import { nameOfIssue, type TryRow } from "../work-row.ts";
import type { SeenItem } from "./items.store.ts";

export interface ExplainedItem {
  readonly item: SeenItem;
  readonly tries: readonly TryRow[];
  readonly order: OrderRow | undefined;
  /** All of its tracker that may hold another. */
  readonly nodes: readonly KnownNode[];
}

/** Why an item is where it is: its chain, its place in line, and what would let it go on. */
export function explainItem(told: ExplainedItem): Explanation {
  const { item, tries, order } = told;
  const { id, status, project, number } = item;
  const name = `${project}#${number}`;
  const chain = [
    `${name} became work at ${item.created_at}${item.event_id === null ? "" : ` by event ${item.event_id}`}`,
    ...(item.retry_of === null ? [] : [`it follows item ${item.retry_of} of the same issue`]),
    ...tries.map(tellTry),
    ...item.metadata.warnings,
  ];
  const said = TELL[status](told);
  const paused =
    order?.paused_by == null || item.finished_at !== null
      ? { chain: [], unblock: [] }
      : {
          chain: [`work of ${order.tracker} is paused by ${order.paused_by}`],
          unblock: [`let it go on: yard work resume ${order.tracker}`],
        };
  return {
    ...{ id, status, summary: said.summary },
    chain: [...chain, ...paused.chain, ...said.chain],
    unblock: [...paused.unblock, ...said.unblock],
  };
}

interface Told {
  readonly summary: string;
  readonly chain: readonly string[];
  readonly unblock: readonly string[];
}

const TELL: { readonly [S in SeenItem["status"]]: (told: ExplainedItem) => Told } = {
  queued: tellQueued,
  in_progress({ item }) {
    if (item.running)
      return {
        summary: `in_progress: run ${item.run_id} is at it`,
        chain: [],
        unblock: [`see what it does: yard explain ${item.run_id}`],
      };
    return {
      summary: `in_progress: ${item.reason}; tried again at ${item.next_try_at}`,
      chain: [],
      unblock: [`try it now: yard work retry ${item.id}`],
    };
  },
  waiting: ({ item, order }) => ({
    summary: `waiting: no run can be made: ${item.reason}`,
    chain: [`it is looked at again at ${item.next_try_at}`],
    unblock: [
      `put that right, then: yard work retry ${item.id}`,
      ...(order === undefined
        ? []
        : [`or have something else run: yard work set ${order.tracker}`]),
    ],
  }),
  blocked: ({ item }) => ({
    summary: `blocked: ${item.reason_code}: ${item.reason}`,
    chain: [],
    unblock: [
      `try it again: yard work retry ${item.id}`,
      `or give it up: yard work cancel ${item.id}`,
    ],
  }),
  done: ({ item }) => ({
    summary: `done: run ${item.run_id} ended well at ${item.finished_at}`,
    chain: [],
    unblock: [],
  }),
  failed: (told) => tellOver(told, "its tries had failed"),
  canceled: (told) => tellOver(told, "canceled"),
};

function tellOver({ item }: ExplainedItem, what: string): Told {
  return {
    summary: `${item.status}: ${what}: ${item.reason}`,
    chain: [`it ended at ${item.finished_at}`],
    unblock:
      item.state === "open"
        ? [`assign the issue to the bot again, or: yard work retry ${item.id}`]
        : ["reopen the issue: that makes a new item"],
  };
}

function tellQueued({ item, nodes, order }: ExplainedItem): Told {
  const key = nameOfIssue(item.project, item.number);
  const said = readinessOf(nodes).get(key);
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const line = lineOf(nodes);
  const place = line.indexOf(key);
  const running = nodes.filter((node) => node.item?.running === true);
  const inLine =
    place < 0
      ? "it stands in no line: nothing that is under way would free it"
      : `it is number ${place + 1} of ${line.length} in line${running.length === 0 ? "" : `, behind ${running.map((node) => node.key).join(", ")}, which ${running.length === 1 ? "is" : "are"} being worked on`}`;
  const unknown = (said?.unknown ?? []).map((one) => `nobody knows ${one}: it does not hold it`);
  if (said?.ready === true && item.reason_code === "blocker_unreadable")
    return {
      summary: `queued: not ready: ${item.reason}`,
      chain: [...unknown, inLine],
      unblock: [`have what was lost found now: yard trackers poll ${item.tracker}`],
    };
  if (said === undefined || said.ready) {
    const most = order === undefined ? "" : `; ${order.concurrency} at once`;
    return {
      summary: `queued: ready${item.reason === null ? "" : `: ${item.reason}`}`,
      chain: [...unknown, `${inLine}${most}`],
      unblock: place > 0 ? [`let it go first: yard work priority ${item.id} 1`] : [],
    };
  }
  if (said.code === "dependency_cycle")
    return {
      summary: "queued: not ready: it waits for itself",
      chain: [`the way around: ${said.keys.join(" → ")}`],
      unblock: ["take one of these dependencies out of the body of its issue, or close an issue"],
    };
  return {
    summary: `queued: not ready: waits for ${said.keys.join(", ")}`,
    chain: [...said.keys.map((one) => `${one}: ${stateOf(byKey.get(one))}`), ...unknown, inLine],
    unblock: said.keys.map((one) => freeing(one, byKey.get(one))),
  };
}

function stateOf(node: KnownNode | undefined): string {
  if (node === undefined) return "is not known";
  if (node.issue === "unreadable") return "the tracker cannot say whether it is closed";
  const { item } = node;
  if (item === undefined) return "is open, and is not the bot's";
  return `is ${item.status}${item.reason === null ? "" : `: ${item.reason}`}`;
}

function freeing(key: string, node: KnownNode | undefined): string {
  const item = node?.item;
  if (item === undefined) return `close ${key}`;
  if (item.status === "blocked") return `have ${key} tried again: yard work retry ${item.id}`;
  if (item.finished_at !== null) return `close ${key}, or have it done: yard work retry ${item.id}`;
  return `wait for ${key}, or close it: yard work explain ${item.id}`;
}

function tellTry({ number, run_id, status, message, ended_at, started_at }: TryRow): string {
  const run = run_id === null ? "no run could be made" : `run ${run_id}`;
  const end = ended_at === null ? `began at ${started_at}` : `${status} at ${ended_at}`;
  return `try ${number}: ${run}, ${end}${message === null ? "" : `: ${message}`}`;
}
