import type { ServerResponse } from "node:http";

/** Tells requests that are held open that their client went away or that the server stops. */
export interface Stopping {
  readonly isStopping: boolean;
  /** A signal for one response. */
  signalFor(response: ServerResponse): AbortSignal;
  stop(): void;
}

export function createStopping(): Stopping {
  const open = new Set<AbortController>();
  let isStopping = false;

  return {
    get isStopping() {
      return isStopping;
    },
    signalFor(response) {
      const controller = new AbortController();
      if (isStopping || response.destroyed) controller.abort();
      open.add(controller);
      response.once("close", () => {
        open.delete(controller);
        if (!response.writableFinished) controller.abort();
      });
      return controller.signal;
    },
    stop() {
      isStopping = true;
      for (const controller of open) controller.abort();
    },
  };
}
