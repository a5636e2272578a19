import type { RawData, WebSocket } from "ws";

export interface Message {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export type Arrival =
  | { readonly message: Message }
  | { readonly closed: Closed }
  | { readonly late: true };

/** What comes out of a socket, one message at a time during the handshake, then as a flow. Nothing is lost between. */
export interface Reader {
  next(timeoutMs: number): Promise<Arrival>;
  /** Hands over what has come and what will; `onClosed` once, after the last message. */
  flow(onMessage: (message: Message) => void, onClosed: (closed: Closed) => void): void;
}

export function createReader(socket: WebSocket): Reader {
  const arrived: Arrival[] = [];
  let take: (arrival: Arrival) => void = (arrival) => arrived.push(arrival);
  // Messages of one packet come in one turn, before whoever waits for the first of them runs.
  socket.on("message", (data: RawData, isBinary: boolean) => {
    take({ message: { bytes: data as Buffer, isBinary } });
  });
  // Where it was broken off, by us too, nothing else says why.
  let fault = "";
  socket.once("error", (error) => {
    fault = error.message;
  });
  socket.once("close", (code: number, reason: Buffer) => {
    take({ closed: { code, reason: reason.toString("utf8") || fault } });
  });

  return {
    next(timeoutMs) {
      const first = arrived.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((done) => {
        const settle = (arrival: Arrival) => {
          clearTimeout(timer);
          take = (later) => arrived.push(later);
          done(arrival);
        };
        const timer = setTimeout(() => settle({ late: true }), timeoutMs);
        take = settle;
      });
    },
    flow(onMessage, onClosed) {
      take = (arrival) => {
        if ("message" in arrival) onMessage(arrival.message);
        else if ("closed" in arrival) onClosed(arrival.closed);
      };
      for (const arrival of arrived.splice(0)) take(arrival);
    },
  };
}
