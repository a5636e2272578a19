import { DEFAULT_WORK_PRIORITY, type IssueReference, type WorkNode } from "@yardmaster/kernel";
import type { EdgeRow } from "../issues/issues.store.ts";
import { type ItemRow, nameOfIssue } from "../work-row.ts";

/** A node with the rows that it is made of. */
export interface KnownNode extends WorkNode {
  readonly edge: EdgeRow;
  readonly item: ItemRow | undefined;
}

/** The graph of a tracker's issues, by their names: bodies refer to one another by these. */
export function nodesOf(
  edges: readonly EdgeRow[],
  items: readonly ItemRow[],
): readonly KnownNode[] {
  const itemOf = new Map(items.map((item) => [`${item.repository} ${item.number}`, item]));
  const nodes = new Map<string, KnownNode>();
  for (const edge of edges) {
    // One that the tracker does not have blocks nobody; it is known only so that it is not asked for again and again.
    if (edge.state === "missing") continue;
    const item = itemOf.get(`${edge.repository} ${edge.number}`);
    const node = nodeOf(edge, item);
    // One of another repository may be known twice: as it was asked for, and as an event told of it.
    if (nodes.get(node.key)?.item === undefined) nodes.set(node.key, node);
  }
  return [...nodes.values()];
}

function nodeOf(edge: EdgeRow, item: ItemRow | undefined): KnownNode {
  const { project, number, state, metadata } = edge;
  const name = (reference: IssueReference): string =>
    typeof reference === "number" ? nameOfIssue(project, reference) : reference.toLowerCase();
  return {
    ...{ key: nameOfIssue(project, number), number, edge, item },
    priority: item?.priority ?? DEFAULT_WORK_PRIORITY,
    status: item?.status ?? null,
    issue: state === "open" || state === "unreadable" ? state : "closed",
    nextTryAt: item?.next_try_at == null ? null : Date.parse(item.next_try_at),
    blockedBy: metadata.blocked_by.map(name),
    blocks: metadata.blocks.map(name),
  };
}

/** `owner/repo#160`; undefined for a name that no call can ask for. */
export function readName(
  key: string,
): { readonly project: string; readonly number: number } | undefined {
  const [, project, number] = /^([\w.-]+\/[\w.-]+)#(\d{1,9})$/.exec(key) ?? [];
  return project === undefined ? undefined : { project, number: Number(number) };
}
