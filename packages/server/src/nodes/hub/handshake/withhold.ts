import type { NodeBase, NodeGrants } from "@yardmaster/protocol";
import { BASE_CAPABILITIES, CAPABILITIES, type Capability } from "@yardmaster/protocol/node";

export interface SessionPolicy {
  readonly grants: NodeGrants;
  readonly base: NodeBase;
  /** Whether end-to-end encryption is offered: binary messages do not go under it. */
  readonly offersE2e: boolean;
  /** Whether anybody here leases jobs. */
  readonly hasJobs: boolean;
}

const OF_EXEC: readonly Capability[] = [
  "exec",
  "exec_chunk",
  "exec_strict",
  "stream",
  "input",
  "cancel",
  "reset",
];

/** What hello_ack may list: everything but what the operator does not grant and what this session cannot carry. */
export function allowedCapabilities(policy: SessionPolicy, isBase: boolean): Capability[] {
  const withheld = new Set<Capability>();
  const withhold = (...tokens: readonly Capability[]): void => {
    for (const token of tokens) withheld.add(token);
  };
  const { exec, read, write, jobs } = policy.grants;
  if (!exec) withhold(...OF_EXEC);
  if (!read) withhold("read");
  if (!write) withhold("write");
  if (!read && !write) withhold("files");
  if (!jobs || !policy.hasJobs) withhold("task");
  if (policy.offersE2e) withhold("binary");
  // Without chunks a base client gives stderr, at the end.
  if (isBase && policy.base.chunks === "off") withhold("exec_chunk");
  return CAPABILITIES.filter((token) => !withheld.has(token));
}

const OF_BASE: ReadonlySet<string> = new Set(BASE_CAPABILITIES);

/** Whether a client speaks the base protocol and nothing of ours. */
export function isBaseClient(offered: readonly string[] | undefined): boolean {
  return (offered ?? []).every((token) => OF_BASE.has(token) || !isOurs(token));
}

function isOurs(token: string): boolean {
  return (CAPABILITIES as readonly string[]).includes(token);
}
