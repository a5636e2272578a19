import type { AuditFile, Check, YardNode } from "@yardmaster/protocol";
import { bad, count, ok, warn } from "../check.ts";

/** How late a change may be seen before that is worth a word. */
const LAG_MS = 5_000;
const BAD_LAG_MS = 60_000;

/** As many nodes that are away are named. */
const MOST_NAMED = 3;

export function nodesCheck(nodes: readonly Pick<YardNode, "name" | "status" | "since">[]): Check {
  if (nodes.length === 0) return ok("nodes", "no node is paired");
  const away = nodes.filter(({ status }) => status === "disconnected");
  if (away.length === 0) return ok("nodes", `${count(nodes.length, "node")}, none is away`);
  const named = away.slice(0, MOST_NAMED).map(({ name, since }) => `${name} (since ${since})`);
  const more = away.length > MOST_NAMED ? `, and ${away.length - MOST_NAMED} more` : "";
  return warn(
    "nodes",
    `${away.length} of ${count(nodes.length, "node")} away: ${named.join(", ")}${more}`,
    "yard node show NAME says why; yard node revoke NAME where one is gone for good",
  );
}

/** The file beside the audit's chain. */
export function auditCheck({ path, status, since, reason, missed }: AuditFile): Check {
  if (status === "failing")
    return warn(
      "audit.file",
      `${path} cannot be written since ${since}: ${reason}; the audit in the database is whole`,
      "make room or mend its rights; it is tried again every second",
    );
  if (missed === 0) return ok("audit.file", `${path} is written`);
  return warn(
    "audit.file",
    `${path} lacks ${count(missed, "entry", "entries")}, which are in the database`,
    "yard audit shows them; the count begins anew with the next start",
  );
}

export function feedCheck(lagMs: number): Check {
  const summary = `the oldest change that nobody can see yet is ${Math.round(lagMs / 1_000)} s old`;
  const advice = "an open transaction holds it back; postgres.transactions names it";
  if (lagMs >= BAD_LAG_MS) return bad("feed", summary, advice);
  return lagMs >= LAG_MS ? warn("feed", summary, advice) : ok("feed", "changes are seen at once");
}
