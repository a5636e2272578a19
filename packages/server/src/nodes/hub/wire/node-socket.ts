import type { Socket } from "node:net";
import { CLOSE, NODE_LIMITS } from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import { createInTurn } from "./in-turn.ts";
import { createWriter, type Push } from "./writer.ts";

export interface NodeSocketTimes {
  /** The system takes nothing of what is sent for so long: the socket is cut. */
  readonly writeMs: number;
  /** What the other side has to answer a close, before the socket is cut. */
  readonly closeWaitMs: number;
}

export interface NodeSocketHandlers {
  message(bytes: Buffer, isBinary: boolean): void;
  /** The other side, or the network, ended it. Called at most once, and never after `close` or `cut`. */
  lost(code: number): void;
  /** It is gone, whoever ended it. */
  gone(): void;
}

/** One WebSocket to a node, bounded in what it buffers in both directions. */
export interface NodeSocket {
  readonly isOpen: boolean;
  /** Not yet taken by the system. */
  readonly queuedBytes: number;
  /** Everything that came so far, half messages too: all of it is a sign of life. */
  readonly receivedBytes: number;
  send(message: string | Buffer, push?: Push): void;
  /** From now on messages may be as large as results are; before, no stranger fills the memory. */
  trust(): void;
  /** Sends what is urgent, then the code. Nothing is told to the handlers any more but `gone`. */
  close(code: number): void;
  cut(): void;
  /** To be called a few times a second. */
  check(nowMs: number): void;
}

/** Frame headers of a message in pieces: the smallest a client sends are about 4 KiB. */
const HEADERS_BYTES = 2 * 1024;

export function createNodeSocket(
  { ws, raw }: { readonly ws: WebSocket; readonly raw: Socket },
  { monotonicMs, times }: { readonly monotonicMs: () => number; readonly times: NodeSocketTimes },
  handlers: NodeSocketHandlers,
): NodeSocket {
  const writer = createWriter(ws, monotonicMs);
  const stopGuard = guardStranger(raw, ws, tooMuch);
  const inTurn = createInTurn({ pause: () => ws.pause(), resume: () => ws.resume() });
  let isOpen = true;
  let cutAtMs = Number.POSITIVE_INFINITY;

  function lost(code: number): void {
    if (!isOpen) return;
    isOpen = false;
    cutAtMs = monotonicMs() + times.closeWaitMs;
    handlers.lost(code);
  }

  /** What still comes is thrown away, so that the other side can read why it was closed. */
  function tooMuch(): void {
    raw.removeAllListeners("data");
    raw.resume();
    ws.close(CLOSE.too_big);
    lost(CLOSE.too_big);
  }

  ws.on("message", (bytes: Buffer, isBinary) => {
    if (!isOpen) return;
    inTurn(bytes.length, () => {
      if (isOpen) handlers.message(bytes, isBinary);
    });
  });
  ws.on("error", (error: Error & { code?: string }) => {
    const isTooBig = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    inTurn(0, () => lost(isTooBig ? CLOSE.too_big : 1006));
  });
  ws.on("close", (code) =>
    inTurn(0, () => {
      lost(code);
      handlers.gone();
    }),
  );

  return {
    get isOpen() {
      return isOpen;
    },
    get queuedBytes() {
      return writer.queuedBytes;
    },
    get receivedBytes() {
      return raw.bytesRead;
    },
    send(message, push) {
      if (isOpen) writer.push(message, push);
    },
    trust: () => stopGuard(),
    close(code) {
      if (!isOpen) return;
      isOpen = false;
      cutAtMs = monotonicMs() + times.closeWaitMs;
      writer.finish(() => ws.close(code));
    },
    cut() {
      isOpen = false;
      ws.terminate();
    },
    check(nowMs) {
      if (nowMs >= cutAtMs) return ws.terminate();
      const stuckSince = writer.stuckSinceMs;
      if (!isOpen || stuckSince === undefined || nowMs - stuckSince < times.writeMs) return;
      lost(1006);
      ws.terminate();
    },
  };
}

/**
 * The bytes of a message are counted as they arrive, since the largest message that ws takes is that of a node which
 * is logged in. Gives what ends the watch.
 */
function guardStranger(raw: Socket, ws: WebSocket, onTooMuch: () => void): () => void {
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > NODE_LIMITS.handshakeBytes + HEADERS_BYTES) onTooMuch();
  };
  const again = (): void => {
    bytes = 0;
  };
  // Before ws sees them, so that the message that they end is not counted for the next.
  raw.prependListener("data", count);
  ws.prependListener("message", again);
  return () => {
    raw.off("data", count);
    ws.off("message", again);
  };
}
