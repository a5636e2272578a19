import {
  AppError,
  isAppError,
  nearest,
  type SaidWorkOrder,
  type WorkOrder,
} from "@yardmaster/protocol";
import { compileOrderInput, SAMPLE_ITEM } from "../follow/run-of-item.ts";
import { itemsOfTracker } from "../items/items.store.ts";
import { timeOf } from "../items/moved-item.ts";
import type { WorkDeps, WorkTracker } from "../work.types.ts";
import type { DecideWork } from "../write-work.ts";
import type { OrderRow } from "./order-row.ts";
import { listOrders } from "./orders.store.ts";

export interface WorkOrders {
  list(): Promise<WorkOrder[]>;
  /** @throws AppError `not_found` */
  get(tracker: string): Promise<WorkOrder>;
  /** @throws AppError `not_found` (tracker), `unknown_ref`, `invalid_input`, `invalid_request` */
  put(tracker: string, said: SaidWorkOrder, by: string): Promise<WorkOrder>;
  /** @throws AppError `not_found`, `conflict` (items are not over) */
  remove(tracker: string, by: string): Promise<void>;
}

/** What is done with the issues of trackers. */
export function createOrders(
  { database, engine, trackers, now }: WorkDeps,
  decide: DecideWork,
): WorkOrders {
  const { pool } = database;

  async function find(name: string): Promise<OrderRow> {
    const all = await listOrders(pool);
    const found = all.find(({ tracker }) => tracker === name);
    if (found !== undefined) return found;
    const near = nearest(
      name,
      all.map(({ tracker }) => tracker),
    );
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new AppError(
      "not_found",
      `Nothing is done with issues of the tracker ${name}.${hint} Say what is: yard work set ${name} --run REF`,
    );
  }

  async function trackerOf(name: string): Promise<WorkTracker> {
    const tracker = await trackers.find(name);
    if (tracker === undefined)
      throw new AppError("not_found", `There is no tracker ${name}. See: yard trackers list`);
    if (tracker.bot === null)
      throw new AppError(
        "invalid_request",
        `The tracker ${name} names no bot, so nothing can be assigned to it: yard trackers change ${name} --bot LOGIN`,
      );
    return tracker;
  }

  /** What is known before an issue: that there is what is to run, and that it takes an item where nothing maps it. */
  function refuseUnstartable({ run, with: input }: SaidWorkOrder, by: string): void {
    try {
      engine.prepare({ ref: run, input: { item: SAMPLE_ITEM }, createdBy: by });
    } catch (error) {
      if (!isAppError(error) || error.code === "unknown_ref") throw error;
      // What its fields come to is known with the issue alone.
      if (input !== undefined && input !== null) return;
      const what = `${run} does not take { item } as its input: say by with what it takes of the item`;
      throw new AppError(error.code, what, { errors: error.errors, cause: error });
    }
  }

  const view = async (row: OrderRow): Promise<WorkOrder> =>
    orderView(row, await trackers.find(row.tracker));

  return {
    list: async () => await Promise.all((await listOrders(pool)).map(view)),
    get: async (name) => await view(await find(name)),
    async put(name, said, by) {
      refuseInput(said);
      const tracker = await trackerOf(name);
      refuseUnstartable(said, by);
      const row = await decide(async () => {
        const all = await listOrders(pool);
        const before = all.find(({ tracker_id }) => tracker_id === tracker.id);
        const at = timeOf(now());
        const order: OrderRow = {
          ...{ tracker_id: tracker.id, tracker: tracker.name, run: said.run },
          ...{ input: said.with ?? null, concurrency: said.concurrency },
          ...{ max_attempts: said.max_attempts, agents: said.agents },
          paused_by: said.enabled ? null : (before?.paused_by ?? by),
          ...{ created_at: before?.created_at ?? at, created_by: before?.created_by ?? by },
          ...{ updated_at: at, updated_by: by },
        };
        // While there was none nobody has followed the feed: what came before is not heard.
        const cursor = all.length === 0 ? await engine.feed.head() : undefined;
        const { run, concurrency, max_attempts, paused_by } = order;
        return {
          write: { order, cursor },
          entry: {
            ...{ actor: by, action: "work.order_set", subject: name, phase: "event" },
            details: { run, concurrency, max_attempts, paused_by },
          },
          answer: order,
        };
      });
      return orderView(row, tracker);
    },
    async remove(name, by) {
      await decide(async () => {
        const order = await find(name);
        const live = (await itemsOfTracker(pool, order.tracker_id)).filter(
          ({ finished_at }) => finished_at === null,
        );
        if (live.length > 0)
          throw new AppError(
            "conflict",
            `${live.length} items of ${name} are not over: pause it instead (yard work pause ${name}), or cancel them first.`,
          );
        return {
          write: { withoutOrder: order.tracker_id },
          entry: { actor: by, action: "work.order_removed", subject: name, phase: "event" },
          answer: undefined,
        };
      });
    },
  };
}

function refuseInput({ with: input }: SaidWorkOrder): void {
  if (input === undefined || input === null) return;
  if (typeof input !== "object" || Array.isArray(input))
    throw invalid("/with", "must be a map of the input's fields");
  const compiled = compileOrderInput(input);
  if (compiled.ok) return;
  const errors = compiled.errors.map(({ path, message, hint }) => ({
    path: `/with/${path.join("/")}`,
    message,
    ...(hint === undefined ? {} : { hint }),
  }));
  throw new AppError("invalid_request", "The input of the order cannot be read.", { errors });
}

function invalid(path: string, message: string): AppError {
  return new AppError("invalid_request", `The order is not valid: ${path.slice(1)} ${message}.`, {
    errors: [{ path, message }],
  });
}

function orderView(
  { input, paused_by, tracker_id: _, agents, ...row }: OrderRow,
  tracker: WorkTracker | undefined,
): WorkOrder {
  const why =
    tracker === undefined
      ? "its tracker is gone"
      : tracker.bot === null
        ? "its tracker names no bot"
        : undefined;
  const paused = paused_by === null ? undefined : `it is paused by ${paused_by}`;
  return {
    ...row,
    ...{ with: input, agents: [...agents], enabled: paused_by === null },
    status: paused !== undefined ? "paused" : why === undefined ? "active" : "unready",
    reason: paused ?? why ?? null,
  };
}
