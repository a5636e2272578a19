import type { AuditRecord } from "@yardmaster/protocol";
import { readPart } from "../live/read-part.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";
import { callsOf } from "./calls-of.ts";

/** Entries of the audit that are read: two of each call. */
const READ_ENTRIES = 50;
/** How often it is read again at most while its state changes. */
const PACE_MS = 500;
/** What it does now is told by no change. */
const EVERY_MS = 5_000;

/** One node with what was done to it last and its shell sessions, kept up to date. */
export function useNode(key: string) {
  const { client } = useSession();
  async function lastActs(node: string, signal: AbortSignal) {
    const entries: AuditRecord[] = [];
    for await (const one of client.audit.list({ node, limit: READ_ENTRIES, signal }))
      entries.push(one);
    return callsOf(entries);
  }
  return useFresh({
    key: ["node", key],
    read: async (signal) => {
      const node = await client.nodes.get(key, { signal });
      const [acts, sessions] = await Promise.all([
        readPart(lastActs(node.name, signal)),
        node.status === "connected"
          ? readPart(client.nodes.sessions(node.name, { signal }))
          : undefined,
      ]);
      return { node, acts, sessions };
    },
    types: "node.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}
