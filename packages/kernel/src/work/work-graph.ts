import type { WorkStatus } from "@yardmaster/protocol";

/** 1 is first, 9 last. */
export const DEFAULT_WORK_PRIORITY = 5;

/** An issue that is known, with the item that the bot has of it; edges are keys of issues. */
export interface WorkNode {
  /** Unlike that of any other issue of the tracker. */
  readonly key: string;
  readonly number: number;
  readonly priority: number;
  /** Of the latest item; null where the issue was never the bot's. */
  readonly status: WorkStatus | null;
  /** As the tracker last said; `unreadable`: it was asked and could not say. */
  readonly issue: "open" | "closed" | "unreadable";
  /** When its next try is due, of one that was tried. */
  readonly nextTryAt?: number | null;
  readonly blockedBy: readonly string[];
  readonly blocks: readonly string[];
}

export type Readiness =
  | { readonly ready: true; readonly unknown: readonly string[] }
  | {
      readonly ready: false;
      readonly unknown: readonly string[];
      readonly code: "blocked_by" | "dependency_cycle" | "blocker_unreadable";
      /** The blockers; of a cycle its path, from the item around to itself. */
      readonly keys: readonly string[];
    };

/** Whether nothing waits for it any more: the issue is closed, or a run of it ended well. A run that failed completes nothing. */
export function isComplete({ issue, status }: Pick<WorkNode, "issue" | "status">): boolean {
  return issue === "closed" || status === "done";
}

/**
 * Whether each queued item may start. Edges count from both sides; those of an item that has started do not hold it any
 * more. A blocker that nobody knows does not hold.
 */
export function readinessOf(nodes: readonly WorkNode[]): ReadonlyMap<string, Readiness> {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const { blockers, unknown } = edgesOf(nodes, byKey);
  const queued = nodes.filter(({ status }) => status === "queued");
  const cycles = cyclesAmong(queued, blockers);
  return new Map(
    queued.map(({ key }): [string, Readiness] => {
      const told = { unknown: unknown.get(key) ?? [] };
      const path = cycles.get(key);
      if (path !== undefined)
        return [key, { ...told, ready: false, code: "dependency_cycle", keys: path }];
      const open = blockers.get(key) ?? [];
      if (open.length === 0) return [key, { ...told, ready: true }];
      const readable = open.filter((one) => byKey.get(one)?.issue !== "unreadable");
      const code = readable.length > 0 ? "blocked_by" : "blocker_unreadable";
      return [key, { ...told, ready: false, code, keys: readable.length > 0 ? readable : open }];
    }),
  );
}

interface Edges {
  /** Those that are not complete, of each queued item. */
  readonly blockers: ReadonlyMap<string, readonly string[]>;
  readonly unknown: ReadonlyMap<string, readonly string[]>;
}

export function edgesOf(nodes: readonly WorkNode[], byKey: ReadonlyMap<string, WorkNode>): Edges {
  const blockers = new Map<string, Set<string>>();
  const unknown = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, key: string, one: string): void => {
    const set = map.get(key);
    if (set === undefined) map.set(key, new Set([one]));
    else set.add(one);
  };
  const block = (key: string, by: string): void => {
    if (key === by || byKey.get(key)?.status !== "queued") return;
    const blocker = byKey.get(by);
    if (blocker === undefined) add(unknown, key, by);
    else if (!isComplete(blocker)) add(blockers, key, by);
  };
  for (const node of nodes) {
    for (const by of node.blockedBy) block(node.key, by);
    for (const key of node.blocks) block(key, node.key);
  }
  return { blockers: listed(blockers), unknown: listed(unknown) };
}

function listed(map: ReadonlyMap<string, ReadonlySet<string>>): Map<string, readonly string[]> {
  return new Map([...map].map(([key, set]) => [key, [...set]]));
}

/** Of each member of a cycle, the shortest way around to itself. */
function cyclesAmong(
  queued: readonly WorkNode[],
  blockers: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const left = withoutEnds(queued, blockers);
  const paths = new Map<string, readonly string[]>();
  for (const key of left) {
    if (paths.has(key)) continue;
    const path = wayAround(key, left, blockers);
    if (path === undefined) continue;
    // Each member sees the same cycle from where it stands.
    const ring = path.slice(0, -1);
    ring.forEach((member, i) => {
      if (!paths.has(member)) paths.set(member, [...ring.slice(i), ...ring.slice(0, i), member]);
    });
  }
  return paths;
}

/** Takes away, again and again, what waits for nothing that is left: what stays is in a cycle or behind one. */
function withoutEnds(
  queued: readonly WorkNode[],
  blockers: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const left = new Set(queued.map(({ key }) => key));
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const key of left) {
    const inside = (blockers.get(key) ?? []).filter((one) => left.has(one));
    waiting.set(key, inside.length);
    for (const one of inside) {
      const list = dependents.get(one);
      if (list === undefined) dependents.set(one, [key]);
      else list.push(key);
    }
  }
  const free = [...left].filter((key) => waiting.get(key) === 0);
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    left.delete(key);
    for (const one of dependents.get(key) ?? []) {
      const count = (waiting.get(one) ?? 0) - 1;
      waiting.set(one, count);
      if (count === 0) free.push(one);
    }
  }
  return left;
}

/** Breadth first, so the shortest is found; undefined for what stands behind a cycle and is in none. */
function wayAround(
  start: string,
  among: ReadonlySet<string>,
  blockers: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const line = [start];
  for (const key of line) {
    for (const next of blockers.get(key) ?? []) {
      if (next === start) return [...wayBack(key, start, cameFrom), start];
      if (!among.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, key);
      line.push(next);
    }
  }
  return undefined;
}

function wayBack(
  key: string,
  start: string,
  cameFrom: ReadonlyMap<string, string>,
): readonly string[] {
  const path = [key];
  for (let at = key; at !== start; ) {
    at = cameFrom.get(at) as string;
    path.unshift(at);
  }
  return path;
}
