const RETRY_MS = 2_000;

/** Ends early when the browser is back on a network, and when the signal aborts. */
export function pauseBeforeRetry(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, RETRY_MS);
    addEventListener("online", finish);
    signal.addEventListener("abort", finish);
  });
}
