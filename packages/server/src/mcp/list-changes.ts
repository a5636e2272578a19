/** Under the idle limit of common proxies (60 s) by a good margin. */
const HEARTBEAT_MS = 15_000;

const CHANGED = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
const EVENT = `event: message\ndata: ${JSON.stringify(CHANGED)}\n\n`;
const ALIVE = ": alive\n\n";

/**
 * Server-sent events for a client of a revision before 2026-07-28: one each time that the list of tools may be another
 * one, until `signal` aborts. Changes that come while one is sent are one.
 */
export async function* listChanges(
  onChange: (listener: () => void) => () => void,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let hasChanged = false;
  let wake = (): void => {};
  const stop = onChange(() => {
    hasChanged = true;
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    // At once, so that whoever sits between sees an answer.
    yield ALIVE;
    while (!signal.aborted) {
      if (!hasChanged) await new Promise<void>((resolve) => (wake = afterOrNow(resolve)));
      if (signal.aborted) return;
      const news = hasChanged ? EVENT : ALIVE;
      hasChanged = false;
      yield news;
    }
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
    wake();
  }
}

/** Calls `then` after a while, or as soon as the function that it gives is called. */
function afterOrNow(then: () => void): () => void {
  const timer = setTimeout(then, HEARTBEAT_MS);
  return () => {
    clearTimeout(timer);
    then();
  };
}
