import { type Readiness, readinessOf } from "@yardmaster/kernel";
import type { PreparedRun } from "../../engine/index.ts";
import { type MoveContext, movedItem, timeOf } from "../items/moved-item.ts";
import type { OrderRow } from "../orders/order-row.ts";
import type { ItemRow, TryRow } from "../work-row.ts";
import type { Started } from "./run-of-item.ts";
import type { KnownNode } from "./work-nodes.ts";

/** What starts of a tracker's items now, and what of the others is said anew. */
export interface Plan {
  readonly changed: readonly ItemRow[];
  readonly tries: readonly TryRow[];
  readonly runs: readonly PreparedRun[];
}

export interface Planning {
  readonly nodes: readonly KnownNode[];
  /** Of these, what may start, in its order. */
  readonly next: readonly KnownNode[];
  readonly order: Pick<OrderRow, "concurrency" | "max_attempts">;
  /** Why nothing starts at all. */
  readonly held: string | undefined;
  readonly now: number;
  readonly start: (node: KnownNode) => Started;
}

/** Starts what is next while there is room, in the order of the line; what cannot be started makes room for the next. */
export function planStarts({ nodes, next, order, held, now, start }: Planning): Plan {
  const context: MoveContext = { now, maxAttempts: order.max_attempts };
  const changed = new Map<string, ItemRow>();
  const tries: TryRow[] = [];
  const runs: PreparedRun[] = [];
  let free = order.concurrency - nodes.filter(({ item }) => item?.running === true).length;
  for (const node of held === undefined ? next : []) {
    if (free <= 0) break;
    const { item } = node;
    if (item === undefined) continue;
    const started = start(node);
    const event = "run" in started ? ({ type: "picked" } as const) : started.failed;
    const moved = movedItem(item, event, context);
    if (moved === undefined) continue;
    const run = "run" in started ? started.run : undefined;
    const row = run === undefined ? moved : { ...moved, run_id: run.id };
    changed.set(item.id, row);
    if (run !== undefined) {
      runs.push(run);
      free--;
    }
    if (moved.attempts > item.attempts) tries.push(tryOf(row, run?.id ?? null, now, event));
  }
  const full = free <= 0 ? `${order.concurrency} of ${order.concurrency} are being worked on` : "";
  const readiness = readinessOf(nodes);
  for (const { key, item, edge } of nodes) {
    const said = readiness.get(key);
    if (item === undefined || said === undefined || changed.has(item.id)) continue;
    const why = whyQueued(said, held, full);
    const row = { ...item, ...(said.ready ? (whyUnsaid(edge) ?? why) : why) };
    if (isSaidAnew(item, row)) changed.set(item.id, { ...row, updated_at: timeOf(now) });
  }
  return { changed: [...changed.values()], tries, runs };
}

function tryOf(
  { id, tries }: ItemRow,
  runId: string | null,
  now: number,
  event: { readonly type: string; readonly message?: string },
): TryRow {
  const at = timeOf(now);
  const said =
    runId === null
      ? { ended_at: at, status: "failed", message: event.message ?? null }
      : { ended_at: null, status: "running", message: null };
  return { item_id: id, number: tries, run_id: runId, started_at: at, ...said };
}

type Why = Pick<ItemRow, "ready" | "reason_code" | "reason">;

function whyQueued(said: Readiness, held: string | undefined, full: string): Why {
  if (!said.ready)
    return { ready: false, reason_code: said.code, reason: WHY[said.code](said.keys) };
  const unknown =
    said.unknown.length === 0
      ? ""
      : `; nobody knows ${said.unknown.join(", ")}, so it waits for none of these`;
  if (held !== undefined)
    return { ready: true, reason_code: "paused", reason: `${held}${unknown}` };
  if (full !== "") return { ready: true, reason_code: "concurrency", reason: `${full}${unknown}` };
  return { ready: true, reason_code: null, reason: unknown === "" ? null : unknown.slice(2) };
}

function whyUnsaid({ ask_problem: problem }: KnownNode["edge"]): Why | undefined {
  if (problem === null) return undefined;
  const reason = `the tracker does not let it start: ${problem}; asked again soon`;
  return { ready: false, reason_code: "blocker_unreadable", reason };
}

const WHY = {
  blocked_by: (keys: readonly string[]) => `waits for ${keys.join(", ")}`,
  dependency_cycle: (keys: readonly string[]) => `waits for itself: ${keys.join(" → ")}`,
  blocker_unreadable: (keys: readonly string[]) =>
    `the tracker cannot say whether ${keys.join(", ")} ${keys.length === 1 ? "is" : "are"} closed; asked again soon`,
} as const;

function isSaidAnew(a: Why, b: Why): boolean {
  return a.ready !== b.ready || a.reason_code !== b.reason_code || a.reason !== b.reason;
}
