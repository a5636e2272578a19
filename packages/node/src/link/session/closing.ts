import type { WebSocket } from "ws";
import { type Ending, endingOfClose } from "../ending.ts";

/** How a session comes to its end: from which side, why, and that it does so once. */
export interface Closing {
  /** We close, and hear no more. */
  isBegun(): boolean;
  /** The socket is gone. */
  isOver(): boolean;
  /** Says why it will end, where we know better than its close code. */
  because(ending: Ending): void;
  /** Sends a close, and cuts where the server does not answer it. */
  close(code: number): void;
  /** Cuts at once: the other side would not hear. */
  cut(why: string): void;
  /** The socket has closed: what that means in the end. */
  over(code: number, reason: string): void;
  readonly ended: Promise<Ending>;
}

/** How long the server has to answer a close before the socket is cut. */
const ANSWER_MS = 1_000;

export function createClosing(socket: Pick<WebSocket, "close" | "terminate">): Closing {
  let isBegun = false;
  let isOver = false;
  let known: Ending | undefined;
  let settle: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((done) => {
    settle = done;
  });
  return {
    isBegun: () => isBegun,
    isOver: () => isOver,
    because(ending) {
      known = ending;
    },
    close(code) {
      isBegun = true;
      socket.close(code);
      setTimeout(() => socket.terminate(), ANSWER_MS).unref();
    },
    cut(why) {
      isBegun = true;
      known ??= { kind: "lost", why };
      socket.terminate();
    },
    over(code, reason) {
      isOver = true;
      const seen = endingOfClose(code, reason);
      // What the server says for good counts, whatever we made of it before.
      settle(seen.kind === "final" ? seen : (known ?? seen));
    },
    ended,
  };
}
