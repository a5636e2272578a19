import { setTimeout as delay } from "node:timers/promises";
import { isAppError } from "@yardmaster/protocol/core";
import type { Client, NodesClient } from "@yardmaster/sdk";

/** A node that is offline in the middle of a copy is waited for so long, each time. */
const NODE_WAIT = "30s";

export type FileCalls = Pick<NodesClient, "read" | "write">;

/** Reads and writes of a copy. A node that is offline from the start is told at once; one that has answered is waited for. */
export function createFileCalls({ nodes }: Pick<Client, "nodes">): FileCalls {
  const seen = new Set<string>();
  const waitFor = (node: string) => (seen.has(node) ? { wait: NODE_WAIT } : {});
  async function noted<Answer>(node: string, answer: Promise<Answer>): Promise<Answer> {
    try {
      const given = await answer;
      seen.add(node);
      return given;
    } catch (error) {
      if (!isAppError(error) || error.code !== "node_offline") seen.add(node);
      throw error;
    }
  }
  return {
    read: (node, body, options) =>
      noted(node, nodes.read(node, { ...waitFor(node), ...body }, options)),
    write: (node, body, options) =>
      noted(node, nodes.write(node, { ...waitFor(node), ...body }, options)),
  };
}

const TRIES = 6;
/** A server that restarts takes its time, and what has been copied is worth waiting for. */
const TRIES_ONCE_BEGUN = 9;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/** What may be better in a moment: a lost link, a restarting server, a full node. */
const PASSING: ReadonlySet<string> = new Set([
  "unavailable",
  "node_disconnected",
  "not_received",
  "connection_replaced",
  "node_busy",
  "rate_limited",
  "node_timeout",
]);

/**
 * Does `work` again when it fails in passing; the last failure is thrown. `work` must bear being repeated; each time
 * that it says that it got on, its tries begin anew.
 */
export async function patiently<T>(
  work: (gotOn: () => void) => Promise<T>,
  signal: AbortSignal,
  { hasBegun = false } = {},
): Promise<T> {
  let most = hasBegun ? TRIES_ONCE_BEGUN : TRIES;
  let tries = 0;
  const gotOn = (): void => {
    most = TRIES_ONCE_BEGUN;
    tries = 0;
  };
  for (;;) {
    try {
      return await work(gotOn);
    } catch (error) {
      signal.throwIfAborted();
      if (++tries >= most || !isAppError(error) || !PASSING.has(error.code)) throw error;
    }
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
    await delay(waitMs, undefined, { signal });
  }
}
