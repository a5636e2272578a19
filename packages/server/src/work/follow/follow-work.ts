import { isAppError } from "@yardmaster/protocol";
import { isConnectionLoss } from "../../db/index.ts";
import { type FeedItem, type Settled, startFeedLoop } from "../../engine/index.ts";
import { itemsToStop, runningItems } from "../items/items.store.ts";
import type { OrderRow } from "../orders/order-row.ts";
import { listOrders } from "../orders/orders.store.ts";
import type { FollowDeps } from "../work.types.ts";
import type { ItemRow } from "../work-row.ts";
import { createDispatch } from "./dispatch.ts";
import { createHearing, mayMatter } from "./hear-events.ts";
import { readWorkPlace, type WorkPlace } from "./place.store.ts";
import { projectsOf, statusChanges, type Told, workUnit } from "./work-unit.ts";

export interface FollowOptions {
  /** How long a process stands by after another one was first; 2 s. */
  readonly standbyMs?: number;
}

export interface WorkFollower {
  /** Hears the next stretch of the feed, and starts what is next. For tests, and for the loop that is begun with it. */
  runOnce(): Promise<Settled>;
  begin(): Promise<void>;
  /** Ends the loop; resolves when what is under way is settled. */
  close(): Promise<void>;
}

/** Items of the feed that are read at once. */
const READ = 1_000;
/** Of these, those that are heard in one commit. */
const MAX_HEARD = 100;
/** Items that may be passed over before the place is written down: they are read again after a restart. */
const MAX_UNWRITTEN = 10_000;

/**
 * Makes work items of events, and starts what is next. It follows the change feed from a place in the database that
 * moves in the transaction of what was heard (see `workPart`): events that are committed while nobody follows are heard
 * later, each once. While no tracker has work it reads nothing. Any number of processes may run it.
 */
export function followWork(
  deps: FollowDeps,
  { standbyMs = 2_000 }: FollowOptions = {},
): WorkFollower {
  const { database, engine, newId, log, now } = deps;
  const { pool } = database;
  const hear = createHearing(deps);
  const dispatch = createDispatch(deps);
  let place: WorkPlace | undefined;
  let orders: readonly OrderRow[] = [];
  /** Behind the place, in memory: what was passed over since. */
  let seen: { readonly cursor: string; readonly items: number } | undefined;
  /** Something may be startable that was not. */
  let isChanged = true;
  let dueAt: number | undefined;
  let isFirst = true;

  async function runOnce(): Promise<Settled> {
    const at = place ?? (await takePlace());
    if (orders.length === 0) return "idle";
    const { settled, isAtHead } = await hearNext(at);
    const isDue = dueAt !== undefined && dueAt <= now();
    // Where much happens there is always more to be read, and what is next must not wait for all of it.
    if (!isAtHead || place === undefined || !(isChanged || isDue)) return settled;
    const started = await startNext(place);
    return started === "idle" ? settled : started;
  }

  async function takePlace(): Promise<WorkPlace> {
    // The place first: what is written behind it is refused by its version.
    const taken = await readWorkPlace(pool);
    orders = await listOrders(pool);
    place = taken;
    seen = undefined;
    isChanged = true;
    return taken;
  }

  function lose(): Settled {
    place = undefined;
    return "standby";
  }

  async function hearNext(from: WorkPlace): Promise<{ settled: Settled; isAtHead: boolean }> {
    const { gap, items } = await engine.feed.read(seen?.cursor ?? from.cursor, READ);
    if (gap) return { settled: await beginAnew(from), isAtHead: false };
    const meant = items.filter(mayMatter).slice(0, MAX_HEARD);
    const end = meant.length === MAX_HEARD ? meant.at(-1) : items.at(-1);
    // Those that ended while the feed was cut, or before their item knew of them.
    const more = isFirst ? await runningItems(pool) : [];
    isFirst = false;
    if (end === undefined && more.length === 0) return { settled: "idle", isAtHead: true };
    const to = end?.cursor ?? from.cursor;
    const settled = await settle(from, { meant, more, to, items: items.length });
    return { settled, isAtHead: items.length < READ && meant.length < MAX_HEARD };
  }

  async function settle(
    from: WorkPlace,
    stretch: {
      readonly meant: readonly FeedItem[];
      readonly more: readonly ItemRow[];
      readonly to: string;
      readonly items: number;
    },
  ): Promise<Settled> {
    const { meant, more, to, items } = stretch;
    const changes = await hear(meant, orders, more);
    if (changes === undefined) return await passOver(from, { cursor: to, items });
    const { issues, created, changed, tries, before } = changes;
    const projectOf = projectsOf(issues);
    const told = statusChanges(before, [...created, ...changed]).map(
      (item): Told => ({ item, project: projectOf(item) }),
    );
    const row = {
      opId: newId(),
      version: from.version,
      cursor: to,
      issues,
      created,
      changed,
      tries,
    };
    if ((await engine.commit(workUnit(row, { told }))) !== "done") return lose();
    moved(from, to);
    return "more";
  }

  async function passOver(
    from: WorkPlace,
    { cursor, items }: { readonly cursor: string; readonly items: number },
  ): Promise<Settled> {
    if (items === 0) return "idle";
    seen = { cursor, items: (seen?.items ?? 0) + items };
    if (seen.items < MAX_UNWRITTEN) return "more";
    return await moveTo(from, cursor);
  }

  async function moveTo(from: WorkPlace, cursor: string): Promise<Settled> {
    const row = { opId: newId(), version: from.version, cursor };
    if ((await engine.commit(workUnit(row, {}))) !== "done") return lose();
    moved(from, cursor);
    return "more";
  }

  function moved({ version }: WorkPlace, cursor: string): void {
    place = { cursor, version: version + 1 };
    seen = undefined;
    isChanged = true;
  }

  /** The feed of a moved or restored database, or one that does not reach back so far: its oldest item is next. */
  async function beginAnew(from: WorkPlace): Promise<Settled> {
    const [epoch] = (await engine.feed.head()).split(".");
    if (from.cursor.startsWith(`${epoch}.`))
      log.warn(
        { cursor: from.cursor },
        "the change feed begins anew: issues that were assigned before may not be known as work",
      );
    isFirst = true;
    return await moveTo(from, `${epoch}.0.0.0`);
  }

  async function startNext(from: WorkPlace): Promise<Settled> {
    let at = from;
    isChanged = false;
    dueAt = undefined;
    await stopRuns();
    for (const order of orders) {
      const { outcome, dueAt: due } = await dispatch(order, at.version);
      if (outcome === "moved") return lose();
      if (outcome === "done") {
        at = { cursor: at.cursor, version: at.version + 1 };
        place = at;
      }
      if (due !== undefined) dueAt = Math.min(due, dueAt ?? due);
    }
    return await forgetStopped(at);
  }

  const stopped = new Set<string>();

  /** Of items that nobody wants any more. One that has ended meanwhile is stopped too. */
  async function stopRuns(): Promise<void> {
    for (const { id, stop_run } of await itemsToStop(pool)) {
      await engine.cancel(stop_run as string, `work:${id}`).catch((error: unknown) => {
        if (!isAppError(error) || isConnectionLoss(error)) throw error;
      });
      stopped.add(id);
    }
  }

  async function forgetStopped(at: WorkPlace): Promise<Settled> {
    if (stopped.size === 0) return "idle";
    const rows = (await itemsToStop(pool)).filter(({ id }) => stopped.has(id));
    stopped.clear();
    if (rows.length === 0) return "idle";
    const changed = rows.map((item) => ({ ...item, stop_run: null }));
    const row = { opId: newId(), version: at.version, changed };
    if ((await engine.commit(workUnit(row, {}))) !== "done") return lose();
    place = { cursor: at.cursor, version: at.version + 1 };
    return "more";
  }

  let stop = async (): Promise<void> => {};
  return {
    runOnce,
    async begin() {
      const loop = startFeedLoop({
        ...{ runOnce, engine, standbyMs, log },
        onFailure: "work items cannot be brought up to date now",
      });
      /** Somebody has written: maybe this process itself. */
      const look = (): void => {
        place = undefined;
        loop.wake();
      };
      const listening = await database.listen("yard_work", look, { onReconnect: look });
      stop = async () => {
        await listening.stop();
        await loop.close();
      };
      loop.wake();
    },
    close: () => stop(),
  };
}
