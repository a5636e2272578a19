import type { FeedItem } from "../../engine/index.ts";
import { type EventRecord, findEvent } from "../../events/index.ts";
import { hear, type Known } from "../issues/hear.ts";
import { type HeardIssue, heardIssueOf, tellsOfIssue } from "../issues/heard-issue.ts";
import { findIssues } from "../issues/issues.store.ts";
import { itemsOfRuns, latestItems } from "../items/items.store.ts";
import { movedItem, timeOf } from "../items/moved-item.ts";
import type { OrderRow } from "../orders/order-row.ts";
import type { FollowDeps, WorkTracker } from "../work.types.ts";
import { type IssueKey, type IssueRow, type ItemRow, type TryRow, textOfKey } from "../work-row.ts";

/** What a stretch of the feed changes. */
export interface HeardChanges {
  readonly issues: readonly IssueRow[];
  readonly created: readonly ItemRow[];
  readonly changed: readonly ItemRow[];
  readonly tries: readonly TryRow[];
  /** Of created and changed, as they were read. */
  readonly before: readonly ItemRow[];
}

type HearDeps = Pick<FollowDeps, "database" | "engine" | "trackers" | "newId" | "now">;

interface Arrived {
  readonly event: EventRecord;
  readonly heard: HeardIssue;
  readonly tracker: WorkTracker;
  readonly order: OrderRow;
}

/** Whether an item of the feed can matter to work: an event that may tell of an issue, or the end of a run. */
export function mayMatter({ change }: FeedItem): boolean {
  if (change.type === "run.finished") return true;
  return change.type === "event.created" && tellsOfIssue(String(change["event"]));
}

/** Reads what the items of a stretch tell, in their order, and says what it changes. Writes nothing. */
export function createHearing({ database, engine, trackers, newId, now }: HearDeps) {
  const { pool } = database;

  async function arrivalsOf(
    items: readonly FeedItem[],
    orders: readonly OrderRow[],
  ): Promise<readonly Arrived[]> {
    const arrived: Arrived[] = [];
    const known = new Map<string, WorkTracker | undefined>();
    for (const { change } of items) {
      if (change.type !== "event.created") continue;
      const event = await findEvent(pool, change.id);
      const heard = event && heardIssueOf(event.data);
      if (event === undefined || heard === undefined) continue;
      if (!known.has(event.source)) known.set(event.source, await trackers.bySource(event.source));
      const tracker = known.get(event.source);
      const order = orders.find(({ tracker_id }) => tracker_id === tracker?.id);
      if (tracker === undefined || order === undefined || !isItsProject(tracker, heard)) continue;
      arrived.push({ event, heard, tracker, order });
    }
    return arrived;
  }

  /** Items of finished runs, with how they ended. */
  async function endsOf(items: readonly FeedItem[]): Promise<readonly ItemRow[]> {
    const ids = items.flatMap(({ change }) => (change.type === "run.finished" ? [change.id] : []));
    return await itemsOfRuns(pool, ids);
  }

  return async function changesOf(
    items: readonly FeedItem[],
    orders: readonly OrderRow[],
    more: readonly ItemRow[] = [],
  ): Promise<HeardChanges | undefined> {
    const arrived = await arrivalsOf(items, orders);
    const ending = [...(await endsOf(items)), ...more];
    if (arrived.length === 0 && ending.length === 0) return undefined;
    const keys = [
      ...arrived.map(({ heard, tracker }) => keyOf(tracker, heard)),
      ...ending.map((item) => item as IssueKey),
    ];
    const changes = createChanges(await findIssues(pool, keys), await latestItems(pool, keys));
    for (const { event, heard, tracker, order } of arrived) {
      const at = { now: now(), maxAttempts: order.max_attempts, newId };
      const bot = tracker.bot?.toLowerCase();
      const about = { id: tracker.id, name: tracker.name, bot, agents: order.agents };
      const known = changes.of(keyOf(tracker, heard));
      const next = hear(known, heard, { ...at, tracker: about, eventId: event.id });
      if (next !== undefined) changes.set(next, at.now);
    }
    for (const { run_id, ...key } of ending) {
      const known = changes.of(key);
      const { item, issue } = known;
      if (item?.running !== true || item.run_id !== run_id) continue;
      const run = await engine.run(run_id as string);
      if (run !== undefined && !isEnded(run.status)) continue;
      const order = orders.find(({ tracker_id }) => tracker_id === key.tracker_id);
      const end = {
        type: "run_ended" as const,
        status: run === undefined ? ("failed" as const) : (run.status as "failed"),
        message:
          run?.error?.message ?? (run === undefined ? "its run is gone" : `it ${run.status}`),
        isClosed: issue !== undefined && issue.state !== "open",
      };
      const at = { now: now(), maxAttempts: order?.max_attempts ?? 1 };
      const moved = movedItem(item, end, at);
      if (moved !== undefined) changes.set({ issue, item: moved }, at.now, end);
    }
    return changes.all();
  };
}

function isEnded(status: string): boolean {
  return ["success", "failed", "timed_out", "canceled"].includes(status);
}

function isItsProject({ projects }: WorkTracker, { project }: HeardIssue): boolean {
  return projects.some((one) => one.toLowerCase() === project.toLowerCase());
}

function keyOf({ id }: WorkTracker, { repository, number }: HeardIssue): IssueKey {
  return { tracker_id: id, repository, number };
}

/** What is known of some issues, and what of it has changed. */
function createChanges(issues: readonly IssueRow[], items: readonly ItemRow[]) {
  const known = new Map<string, Known>();
  const at = (key: IssueKey): Known =>
    known.get(textOfKey(key)) ?? { issue: undefined, item: undefined };
  for (const issue of issues) known.set(textOfKey(issue), { issue, item: undefined });
  for (const item of items) known.set(textOfKey(item), { issue: at(item).issue, item });
  const changedIssues = new Map<string, IssueRow>();
  const changedItems = new Map<string, ItemRow>();
  const tries: TryRow[] = [];

  return {
    of: at,
    set(next: Known, now: number, end?: { readonly status: string; readonly message: string }) {
      const key = textOfKey((next.issue ?? next.item) as IssueKey);
      const before = known.get(key);
      known.set(key, next);
      if (next.issue !== undefined && next.issue !== before?.issue)
        changedIssues.set(key, next.issue);
      if (next.item === undefined || next.item === before?.item) return;
      changedItems.set(next.item.id, next.item);
      if (before?.item?.running === true && !next.item.running) {
        const { status, message } = end ?? { status: "canceled", message: next.item.reason };
        tries.push(endedTry(before.item, now, status, status === "success" ? null : message));
      }
    },
    all(): HeardChanges | undefined {
      if (changedIssues.size === 0 && changedItems.size === 0) return undefined;
      const were = new Set(items.map(({ id }) => id));
      const all = [...changedItems.values()];
      return {
        issues: [...changedIssues.values()],
        created: all.filter(({ id }) => !were.has(id)),
        changed: all.filter(({ id }) => were.has(id)),
        tries,
        before: items,
      };
    },
  };
}

/** The row is there already, with its run and when it began. */
export function endedTry(
  item: ItemRow,
  now: number,
  status: string,
  message: string | null,
): TryRow {
  return {
    ...{ item_id: item.id, number: item.tries, run_id: item.run_id },
    ...{ started_at: item.updated_at, ended_at: timeOf(now), status, message },
  };
}
