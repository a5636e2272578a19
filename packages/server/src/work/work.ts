import type { WorkEvent } from "@yardmaster/kernel";
import {
  AppError,
  type Explanation,
  type WorkItem,
  type WorkItemDetail,
  type WorkStatus,
} from "@yardmaster/protocol";
import { type Page, pageOf } from "../paging/index.ts";
import { endedTry } from "./follow/hear-events.ts";
import { nodesOf } from "./follow/work-nodes.ts";
import { readEdges } from "./issues/issues.store.ts";
import { explainItem } from "./items/explain-item.ts";
import { itemDetail, itemView } from "./items/item-view.ts";
import {
  findItem,
  type ItemFilter,
  itemsOfTracker,
  latestItems,
  listItems,
  type SeenItem,
  triesOf,
} from "./items/items.store.ts";
import { movedItem, newItem } from "./items/moved-item.ts";
import { listOrders } from "./orders/orders.store.ts";
import { createOrders, type WorkOrders } from "./orders/orders.ts";
import type { WorkDeps } from "./work.types.ts";
import type { ItemRow } from "./work-row.ts";
import { createWorkWriter, type Decided } from "./write-work.ts";

export interface Work {
  readonly orders: WorkOrders;
  /** A page, newest first. @throws AppError `invalid_cursor` */
  list(filter: ItemFilter): Promise<Page<WorkItem>>;
  /** @throws AppError `not_found` */
  get(id: string): Promise<WorkItemDetail>;
  /** @throws AppError `not_found` */
  explain(id: string): Promise<Explanation>;
  /** Of one that is over it makes a new item. @throws AppError `not_found`, `conflict` */
  retry(id: string, by: string): Promise<WorkItem>;
  /** @throws AppError `not_found`, `already_final` */
  cancel(id: string, by: string): Promise<WorkItem>;
  /** @throws AppError `not_found`, `already_final` */
  setPriority(id: string, priority: number, by: string): Promise<WorkItem>;
}

/** Work items for those who look at them and steer them; `followWork` moves them. */
export function createWork(deps: WorkDeps): Work {
  const { database, newId, now } = deps;
  const { pool } = database;
  const decide = createWorkWriter(deps);

  async function find(id: string): Promise<SeenItem> {
    const item = await findItem(pool, id);
    if (item === undefined) throw new AppError("not_found", `There is no work item ${id}.`);
    return item;
  }

  /** One verb of an item, with its line in the audit. */
  async function steer(
    id: string,
    verb: string,
    by: string,
    act: (item: SeenItem) => Promise<{ readonly next: ItemRow; readonly details?: object }>,
  ): Promise<WorkItem> {
    const next = await decide(async (): Promise<Decided<string>> => {
      const item = await find(id);
      const { next } = await act(item);
      const isNew = next.id !== item.id;
      const ended = item.running && !next.running && !isNew;
      return {
        write: {
          ...(isNew ? { created: [next] } : { changed: [next] }),
          ...(ended && { tries: [endedTry(item, now(), "canceled", next.reason)] }),
        },
        told: isNew || next.status !== item.status ? [{ item: next, project: item.project }] : [],
        entry: {
          ...{ actor: by, action: `work.${verb}`, phase: "event" },
          subject: `${item.project}#${item.number}`,
          details: { item: id, was: item.status, is: next.status, priority: next.priority },
        },
        answer: next.id,
      };
    });
    return itemView(await find(next));
  }

  async function attemptsOf({ tracker_id }: ItemRow): Promise<number> {
    const order = (await listOrders(pool)).find((one) => one.tracker_id === tracker_id);
    return order?.max_attempts ?? 1;
  }

  async function moved(item: SeenItem, event: WorkEvent): Promise<ItemRow | undefined> {
    return movedItem(rowOf(item), event, { now: now(), maxAttempts: await attemptsOf(item) });
  }

  /** A new item of the same issue, behind the one that is over. */
  async function again(item: SeenItem): Promise<ItemRow> {
    if (item.state !== "open")
      throw new AppError(
        "conflict",
        `The issue ${item.project}#${item.number} is ${item.state}: reopen it, and it is work again.`,
      );
    const [latest] = await latestItems(pool, [item]);
    if (latest !== undefined && latest.id !== item.id)
      throw new AppError(
        "conflict",
        `Item ${latest.id} of the same issue came after it, and is ${latest.status}.`,
      );
    const { tracker_id, tracker, repository, number, event_id, priority } = item;
    return newItem(
      {
        id: newId(),
        tracker_id,
        tracker,
        repository,
        number,
        event_id,
        retry_of: item.id,
        priority,
      },
      now(),
    );
  }

  return {
    orders: createOrders(deps, decide),
    async list({ limit, ...filter }) {
      const rows = await listItems(pool, { ...filter, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => id);
      return { ...page, rows: page.rows.map(itemView) };
    },
    async get(id) {
      const item = await find(id);
      return itemDetail(item, await triesOf(pool, id));
    },
    async explain(id) {
      const item = await find(id);
      const [tries, orders, edges, items] = await Promise.all([
        ...[triesOf(pool, id), listOrders(pool)],
        ...[readEdges(pool, item.tracker_id), itemsOfTracker(pool, item.tracker_id)],
      ] as const);
      const order = orders.find(({ tracker_id }) => tracker_id === item.tracker_id);
      return explainItem({ item, tries, order, nodes: nodesOf(edges, items) });
    },
    retry: (id, by) =>
      steer(id, "retry", by, async (item) => {
        if (item.finished_at !== null) return { next: await again(item) };
        const next = await moved(item, { type: "retried" });
        if (next === undefined) throw new AppError("conflict", WHY_NOT[item.status](item));
        return { next };
      }),
    cancel: (id, by) =>
      steer(id, "cancel", by, async (item) => {
        const next = await moved(item, { type: "canceled", message: `canceled by ${by}` });
        if (next === undefined) throw isOver(item);
        return { next };
      }),
    setPriority: (id, priority, by) =>
      steer(id, "priority", by, async (item) => {
        if (item.finished_at !== null) throw isOver(item);
        return { next: { ...rowOf(item), priority, updated_at: new Date(now()).toISOString() } };
      }),
  };
}

function isOver({ id, status }: ItemRow): AppError {
  return new AppError("already_final", `Work item ${id} is ${status} already.`);
}

type WhyNot = (item: ItemRow) => string;
const WHY_NOT: { readonly [S in WorkStatus]: WhyNot } = {
  queued: ({ id, reason }) =>
    `It is queued and was not tried yet${reason === null ? "" : `: ${reason}`}. See: yard work explain ${id}`,
  in_progress: ({ run_id }) => `Run ${run_id} is at it. Cancel that first: yard cancel ${run_id}`,
  waiting: () => "It is tried already.",
  blocked: () => "It is tried already.",
  done: () => "It is done.",
  failed: () => "It is over.",
  canceled: () => "It is over.",
};

/** Without what belongs to its issue. */
function rowOf(item: SeenItem): ItemRow {
  const { project: _p, title: _t, body: _b, url: _u, author: _a, state: _s, ...rest } = item;
  const { assigned: _as, metadata: _m, ...row } = rest;
  return row;
}
