/** Joins "something happened", "so long has passed" and "stop" into one wait that misses none. */
export interface Wake {
  /** Resolves `changed` when something has happened since the last call or happens, `idle` when nothing does. */
  next(withinMs: number): Promise<"changed" | "idle">;
  close(): void;
}

/** `watch` calls back when something may have happened, and gives the way out. An abort counts as a change. */
export function createWake(watch: (onChange: () => void) => () => void, signal: AbortSignal): Wake {
  let changed = signal.aborted;
  let resume = (): void => {};
  const onChange = (): void => {
    changed = true;
    resume();
  };
  const unwatch = watch(onChange);
  signal.addEventListener("abort", onChange, { once: true });

  return {
    async next(withinMs) {
      if (!changed) await new Promise<void>((resolve) => (resume = afterOrNow(resolve, withinMs)));
      const answer = changed ? "changed" : "idle";
      changed = signal.aborted;
      return answer;
    },
    close() {
      unwatch();
      signal.removeEventListener("abort", onChange);
      resume();
    },
  };
}

/** Calls `then` after some time, or as soon as the function that it gives is called. */
function afterOrNow(then: () => void, afterMs: number): () => void {
  const timer = setTimeout(then, afterMs);
  return () => {
    clearTimeout(timer);
    then();
  };
}
