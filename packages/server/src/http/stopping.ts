import type { ServerResponse } from "node:http";
import type { WebSocket } from "ws";

/** Tells requests that are held open that their client went away or that the server stops. */
export interface Stopping {
  /** Clients are to come over another connection next time: this process will be gone. */
  readonly isLeaving: boolean;
  /** Nothing new is taken. */
  readonly isStopping: boolean;
  /** A signal for one response. */
  signalFor(response: ServerResponse): AbortSignal;
  signalForSocket(socket: WebSocket): AbortSignal;
  leave(): void;
  stop(): void;
}

export function createStopping(): Stopping {
  const open = new Set<AbortController>();
  let isLeaving = false;
  let isStopping = false;

  /** `hasEnded`: what closes it is no loss. */
  function signalUntil(
    closing: Pick<ServerResponse | WebSocket, "once">,
    isGone: boolean,
    hasEnded: () => boolean,
  ): AbortSignal {
    const controller = new AbortController();
    if (isStopping || isGone) controller.abort();
    open.add(controller);
    closing.once("close", () => {
      open.delete(controller);
      if (!hasEnded()) controller.abort();
    });
    return controller.signal;
  }

  return {
    get isLeaving() {
      return isLeaving;
    },
    get isStopping() {
      return isStopping;
    },
    signalFor: (response) =>
      signalUntil(response, response.destroyed, () => response.writableFinished),
    signalForSocket: (socket) =>
      signalUntil(socket, socket.readyState !== socket.OPEN, () => false),
    leave() {
      isLeaving = true;
    },
    stop() {
      isLeaving = true;
      isStopping = true;
      for (const controller of open) controller.abort();
    },
  };
}
