import type { IssueReference } from "@yardmaster/kernel";
import { keptMetadata } from "../issues/kept-metadata.ts";
import { timeOf } from "../items/moved-item.ts";
import type { WorkTracker } from "../work.types.ts";
import type { IssueRow } from "../work-row.ts";
import type { KnownNode } from "./work-nodes.ts";

/** So long it holds for a start what the tracker has said: no webhook tells that a dependency was added. */
const HOLDS_MS = 60_000;
/** An item that the tracker's own dependencies hold: no webhook tells either that one was taken away. */
const HELD_AGAIN_MS = 300_000;
/** A forge bounds what it is asked. */
const MAX_ASKED = 20;

/** Whether the tracker has said of a queued item what it waits for, so that it may start by that. */
export function hasSaid({ status, edge }: KnownNode, now: number): boolean {
  return status !== "queued" || (edge.ask_problem === null && !isOver(edge, HOLDS_MS, now));
}

/** The items that would start now, and those that the tracker's own dependencies hold, where it is time to ask for these. */
export function toAsk(
  { nodes, next }: { readonly nodes: readonly KnownNode[]; readonly next: readonly KnownNode[] },
  room: number,
  now: number,
): readonly KnownNode[] {
  const asked = new Set<KnownNode>();
  let left = room;
  for (const node of next) {
    if (left <= 0) break;
    const isDue = node.status === "queued" && isOver(node.edge, HOLDS_MS, now);
    if (isDue) asked.add(node);
    if (isDue || hasSaid(node, now)) left--;
  }
  for (const node of nodes)
    if (isHeldByTracker(node) && isOver(node.edge, HELD_AGAIN_MS, now)) asked.add(node);
  return [...asked].slice(0, MAX_ASKED);
}

/** When the tracker is to be asked again, in Unix milliseconds. */
export function askAgainAt(node: KnownNode): number | undefined {
  const { asked_at, ask_problem } = node.edge;
  if (asked_at === null || node.status !== "queued") return undefined;
  if (ask_problem !== null) return Date.parse(asked_at) + HOLDS_MS;
  return isHeldByTracker(node) ? Date.parse(asked_at) + HELD_AGAIN_MS : undefined;
}

function isHeldByTracker({ status, edge }: KnownNode): boolean {
  return status === "queued" && edge.metadata.from.blocked_by === "native";
}

function isOver({ asked_at }: KnownNode["edge"], ms: number, now: number): boolean {
  return asked_at === null || Date.parse(asked_at) + ms <= now;
}

/**
 * Asks the tracker for the dependencies that it keeps itself. One that cannot be reached holds nothing, since the body and
 * the events may be all that there is; that it was not asked is a warning of the item.
 */
export async function askDependencies(
  tracker: WorkTracker,
  issues: readonly IssueRow[],
  agents: readonly string[],
  now: number,
): Promise<readonly IssueRow[]> {
  return await Promise.all(
    issues.map(async (issue) => {
      const reading = await tracker.issue(issue.project, issue.number);
      const isClosed = reading.status === "closed";
      const asked = { ...issue, asked_at: timeOf(now), ask_problem: isClosed ? CLOSED : null };
      if (isClosed) return asked;
      const blockers = "blockedBy" in reading ? (reading.blockedBy ?? []) : [];
      const open = blockers.filter(({ state }) => state === "open");
      const references = open.map((one) => referenceIn(issue.project, one));
      const metadata = keptMetadata({ ...issue, body: issue.body ?? "" }, agents, references);
      const unread = unreadOf(reading);
      if (unread === null) return { ...asked, metadata };
      return { ...asked, metadata: { ...metadata, warnings: [...metadata.warnings, unread] } };
    }),
  );
}

type Reading = Awaited<ReturnType<WorkTracker["issue"]>>;

const CLOSED = "its issue is closed, which no event has told yet";
const MAX_PROBLEM = 500;

/** One that the tracker does not have has no dependencies there; whether it is still work is told by events. */
function unreadOf(reading: Reading): string | null {
  if (reading.status === "not_found") return null;
  const said = reading.status === "unreadable" ? reading.message : reading.blockedByProblem;
  if (said === null) return null;
  const shown = said.slice(0, MAX_PROBLEM).replaceAll("\u0000", "\ufffd");
  return `blocked_by: the tracker's own dependencies could not be read: ${shown}`;
}

function referenceIn(
  project: string,
  blocker: { readonly project: string; readonly number: number },
): IssueReference {
  const isOwn = blocker.project.toLowerCase() === project.toLowerCase();
  return isOwn ? blocker.number : `${blocker.project}#${blocker.number}`;
}
