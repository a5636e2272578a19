import { startable } from "@yardmaster/kernel";
import { isConnectionLoss } from "../../db/index.ts";
import { type EdgeRow, findIssues, readEdges } from "../issues/issues.store.ts";
import { itemsOfTracker } from "../items/items.store.ts";
import type { OrderRow } from "../orders/order-row.ts";
import type { FollowDeps, WorkTracker } from "../work.types.ts";
import { type IssueKey, type IssueRow, type ItemRow, textOfKey } from "../work-row.ts";
import { askBlockers } from "./ask-blockers.ts";
import { askAgainAt, askDependencies, hasSaid, toAsk } from "./ask-dependencies.ts";
import { type Plan, planStarts } from "./plan-starts.ts";
import { type Started, startRunOf } from "./run-of-item.ts";
import { type KnownNode, nodesOf } from "./work-nodes.ts";
import { projectsOf, statusChanges, type Told, workUnit } from "./work-unit.ts";

type DispatchDeps = Pick<FollowDeps, "database" | "engine" | "trackers" | "newId" | "now" | "log">;

/** `done`: the place has moved on by one. */
export type Dispatched = {
  readonly outcome: "nothing" | "done" | "moved";
  /** When it is to be looked at again, in Unix milliseconds. */
  readonly dueAt: number | undefined;
};

const MORE = 20;

/** Starts what is next of one tracker, and says of the rest why it is not. */
export function createDispatch(deps: DispatchDeps) {
  const { database, engine, trackers, newId, log } = deps;
  const { pool } = database;

  async function look(order: OrderRow, tracker: WorkTracker | undefined, now: number) {
    const items = await itemsOfTracker(pool, order.tracker_id);
    const edges = await readEdges(pool, order.tracker_id);
    const nodes = nodesOf(edges, items);
    if (tracker === undefined || heldOf(order, tracker) !== undefined)
      return { items, nodes, asked: [] };
    const wanted = [...(await issuesOf(wantedOf(nodes, order, tracker, now))).values()];
    const said = await askDependencies(tracker, wanted, order.agents, now);
    const known = withRows(edges, said);
    const graph = { nodes: nodesOf(known, items), edges: known };
    const blockers = await askBlockers(tracker, graph, now);
    const asked = [...said, ...blockers];
    return { items, nodes: nodesOf(withRows(known, blockers), items), asked };
  }

  async function issuesOf(nodes: readonly KnownNode[]): Promise<ReadonlyMap<string, IssueRow>> {
    const keys = nodes.flatMap(({ item }): IssueKey[] => (item === undefined ? [] : [item]));
    const rows = await findIssues(pool, keys);
    return new Map(rows.map((row) => [textOfKey(row), row]));
  }

  return async function dispatch(order: OrderRow, version: number): Promise<Dispatched> {
    const now = deps.now();
    const tracker = await trackers.find(order.tracker);
    const { items, nodes, asked } = await look(order, tracker, now);
    // What cannot be started makes room for the next: a few more are read than there is room for.
    const next = startable(nodes, now)
      .filter((node) => tracker?.isPaused === true || hasSaid(node, now))
      .slice(0, order.concurrency + MORE);
    const issues = await issuesOf(next);
    const held = heldOf(order, tracker);
    const plan = (broken?: string): Plan =>
      planStarts({
        ...{ nodes, next, order, now, held },
        start: ({ item }) =>
          broken === undefined
            ? startOf(item as ItemRow, issues, order)
            : { failed: { type: "start_failed", kind: "passing", message: broken } },
      });
    const planned = plan();
    const written = await commit(planned).catch(async (error: unknown) => {
      if (isConnectionLoss(error) || planned.runs.length === 0) throw error;
      log.warn({ err: error }, "a run of a work item cannot be written");
      return await commit(plan(`the run cannot be written: ${(error as Error).message}`));
    });
    const isMore = tracker !== undefined && wantedOf(nodes, order, tracker, now).length > 0;
    const dueAt = dueOf([...items, ...planned.changed], asked, nodes, now);
    return { outcome: written, dueAt: isMore && held === undefined ? now : dueAt };

    async function commit({ changed, tries, runs }: Plan): Promise<Dispatched["outcome"]> {
      if (changed.length === 0 && asked.length === 0) return "nothing";
      const projectOf = projectsOf(
        nodes.map(({ edge }) => ({ ...edge, tracker_id: order.tracker_id })),
      );
      const told = statusChanges(items, changed).map(
        (item): Told => ({ item, project: projectOf(item) }),
      );
      const row = { opId: newId(), version, issues: asked, changed, tries };
      return (await engine.commit(workUnit(row, { runs, told }))) === "done" ? "done" : "moved";
    }
  };

  function startOf(item: ItemRow, issues: ReadonlyMap<string, IssueRow>, order: OrderRow): Started {
    const issue = issues.get(textOfKey(item));
    if (issue !== undefined) return startRunOf(item, issue, order, engine.prepare);
    const message = "its issue is not known any more";
    return { failed: { type: "start_failed", kind: "for_person", message } };
  }
}

/** Of which items the tracker is to be asked what they wait for; of none while it is paused. */
function wantedOf(
  nodes: readonly KnownNode[],
  order: OrderRow,
  { isPaused }: WorkTracker,
  now: number,
): readonly KnownNode[] {
  if (isPaused) return [];
  const running = nodes.filter(({ item }) => item?.running === true).length;
  return toAsk({ nodes, next: startable(nodes, now) }, order.concurrency - running, now);
}

/** What is known, with what was asked for in the place of what was known before. */
function withRows(edges: readonly EdgeRow[], rows: readonly IssueRow[]): readonly EdgeRow[] {
  const isNew = new Set(rows.map(({ repository, number }) => `${repository} ${number}`));
  return [...edges.filter((one) => !isNew.has(`${one.repository} ${one.number}`)), ...rows];
}

function heldOf(order: OrderRow, tracker: WorkTracker | undefined): string | undefined {
  if (tracker === undefined) return `there is no tracker ${order.tracker} any more`;
  if (order.paused_by !== null) return `work of ${order.tracker} is paused by ${order.paused_by}`;
  return undefined;
}

function dueOf(
  items: readonly ItemRow[],
  asked: readonly IssueRow[],
  nodes: readonly KnownNode[],
  now: number,
): number | undefined {
  const times = [
    ...items.map(({ next_try_at }) => next_try_at),
    ...asked.map(({ check_at }) => check_at),
    ...nodes.map(({ edge }) => edge.check_at),
  ].flatMap((at) => (at === null ? [] : [Date.parse(at)]));
  const again = nodes.flatMap((node) => askAgainAt(node) ?? []);
  const coming = [...times, ...again].filter((at) => at > now);
  return coming.length === 0 ? undefined : Math.min(...coming);
}
