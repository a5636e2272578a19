import { edgesOf, readinessOf, type WorkNode } from "./work-graph.ts";

/** By explicit priority, then the lowest number; a key decides between issues of two projects. */
export function compareWork(
  a: Pick<WorkNode, "priority" | "number" | "key">,
  b: Pick<WorkNode, "priority" | "number" | "key">,
): number {
  return a.priority - b.priority || a.number - b.number || (a.key < b.key ? -1 : 1);
}

/**
 * What starts next, in its order: items whose next try is due before those that were never tried, since they stood in
 * line before them.
 */
export function startable<Node extends WorkNode>(
  nodes: readonly Node[],
  now: number,
): readonly Node[] {
  const readiness = readinessOf(nodes);
  const due = nodes.filter(({ nextTryAt }) => typeof nextTryAt === "number" && nextTryAt <= now);
  const ready = nodes.filter(({ key }) => readiness.get(key)?.ready === true);
  return [...due.sort(compareWork), ...ready.sort(compareWork)];
}

/** The order in which queued items would start if each before them ended well; those that nothing frees are left out. */
export function lineOf(nodes: readonly WorkNode[]): readonly string[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const { blockers } = edgesOf(nodes, byKey);
  const queued = nodes.filter(({ status }) => status === "queued").sort(compareWork);
  const waits = new Map(queued.map(({ key }) => [key, new Set(blockers.get(key))]));
  // What is being worked on is taken to end well; what only a person moves is not.
  for (const node of nodes)
    if (node.status === "in_progress") for (const set of waits.values()) set.delete(node.key);
  const line: string[] = [];
  for (;;) {
    const next = queued.find(({ key }) => waits.get(key)?.size === 0);
    if (next === undefined) return line;
    line.push(next.key);
    waits.delete(next.key);
    for (const set of waits.values()) set.delete(next.key);
  }
}
