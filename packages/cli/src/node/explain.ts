import type { AuditRecord, YardNode } from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { refusedText } from "./show.ts";

export interface NodeExplained {
  readonly node: YardNode;
  /** Calls and jobs that have begun and not ended, newest first; null where the token may not read the audit. */
  readonly under_way: readonly AuditRecord[] | null;
}

/** Why a node is as it is, and what it is at. @throws AppError not_found */
export async function explainNode(client: Client, ref: string): Promise<NodeExplained> {
  const node = await client.nodes.get(ref);
  return { node, under_way: await underWay(client, node.name) };
}

async function underWay({ audit }: Client, node: string): Promise<AuditRecord[] | null> {
  const open: AuditRecord[] = [];
  try {
    for await (const entry of audit.list({ node, open: "true" })) open.push(entry);
    return open;
  } catch (error) {
    if (isAppError(error) && error.code === "forbidden") return null;
    throw error;
  }
}

export function showNodeExplained(
  { node, under_way }: NodeExplained,
  { lines, paint }: Output,
  nowMs: number,
): void {
  const name = printable(node.name);
  const status = statusWord(node.status, paint);
  lines(`${paint.strong(name)} is ${status} since ${relativeTime(node.since, nowMs)}.`);
  if (node.reason !== null) lines(printable(node.reason));
  else lines(printable(roomText(node)));
  const refused = refusedText(node, nowMs);
  if (refused !== null && isNews(node)) lines(printable(`A login was refused ${refused}`));
  if (under_way === null) lines("This token may not read what is under way there (audit:read).");
  else if (under_way.length === 0) lines("Nothing is under way there.");
  else lines("Under way there:", ...under_way.map((entry) => `  ${entryText(entry, nowMs)}`));
}

/** What came before it was as it is, is over; and of one that is away the reason says it. */
function isNews({ refused, since, status }: YardNode): boolean {
  if (refused === null || refused.at < since) return false;
  return status !== "disconnected" && status !== "never_seen";
}

function roomText({ name, load: { jobs, slots }, grants }: YardNode): string {
  if (!grants.jobs) return `It is not granted jobs: yard node grant ${name} jobs`;
  const room = jobs < slots ? "it has room for more" : "it takes no more until one has ended";
  return `It has ${jobs} of ${slots} jobs: ${room}.`;
}

function entryText({ action, actor, ts, request_id, details }: AuditRecord, nowMs: number): string {
  const what = details["command"] ?? details["path"];
  const text = typeof what === "string" ? `: ${what}` : "";
  return printable(`${action} ${relativeTime(ts, nowMs)} by ${actor}, ${request_id}${text}`);
}
