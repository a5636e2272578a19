import { stopReason } from "../runner.ts";

/** So long an agent may take to break off what it does, before its process is told to go. */
const BREAK_OFF_MS = 2_000;

export interface GentleStop {
  /** Aborts after `given` has: a cancel once the agent has broken off, or has had its time; a lost lease at once. */
  readonly signal: AbortSignal;
  /** Its process has ended. */
  end(): void;
}

/** Without `breakOff` there is nothing to wait for. */
export function createGentleStop(
  given: AbortSignal,
  breakOff: (() => Promise<void>) | undefined,
): GentleStop {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function stop(): void {
    clearTimeout(timer);
    stopping.abort(stopReason(given));
  }

  function onAbort(): void {
    if (breakOff === undefined || stopReason(given) === "lease_lost") return stop();
    timer = setTimeout(stop, BREAK_OFF_MS);
    void breakOff().then(stop, stop);
  }

  given.addEventListener("abort", onAbort, { once: true });
  if (given.aborted) stop();
  return {
    signal: stopping.signal,
    end() {
      clearTimeout(timer);
      given.removeEventListener("abort", onAbort);
    },
  };
}
