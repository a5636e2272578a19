/**
 * Runs `work` one at a time. Whoever calls while it runs shares the one run that begins afterwards, so that what
 * was true at the call has been seen when the promise settles.
 */
export function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      const started = work();
      running = started.catch(() => {});
      return started;
    });
    return next;
  };
}
