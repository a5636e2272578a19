import { setTimeout as delay } from "node:timers/promises";
import { isAppError } from "@yardmaster/protocol/core";

/** A node that is offline in the middle of a copy is waited for so long, each time. */
export const NODE_WAIT = "30s";
const TRIES = 6;
const FIRST_WAIT_MS = 200;

/** What may be better in a moment: a lost link, a restarting server, a full node. */
const PASSING: ReadonlySet<string> = new Set([
  "unavailable",
  "node_disconnected",
  "connection_replaced",
  "node_busy",
  "rate_limited",
  "node_timeout",
]);

/** Does `work` again when it fails in passing; the last failure is thrown. `work` must bear being repeated. */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (tries === TRIES || !isAppError(error) || !PASSING.has(error.code)) throw error;
    }
    await delay(FIRST_WAIT_MS * 2 ** (tries - 1), undefined, { signal });
  }
}
