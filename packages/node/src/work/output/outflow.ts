import { NODE_FLOW, type OutgoingNodeFrame, type StreamName } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import type { Budget } from "./budget.ts";
import { createFlushTimer } from "./flush-timer.ts";
import { createPending, type Piece } from "./pending.ts";

/** One chunk, as large as a fast process fills it. */
const CHUNK_MOST_BYTES = 256 * 1024;
/** What the last frame takes along. */
const LAST_MOST_BYTES = NODE_FLOW.flushBytes;
/** So much can be said again without a look at the credit. */
const LEFT_MOST_BYTES = 64 * 1024;

/**
 * The output of one call or job on its way to the server: cut into numbered chunks, sent within a window of
 * credit, kept until acknowledged, said again over the next link. One of three states:
 *
 * - open: chunks are made and sent while credit lasts and the link is not full; then the process must wait.
 * - held: no link, or the server has not yet said to continue. Chunks are made and kept within the budget; what
 *   goes beyond is dropped, and told by `onCut`.
 * - muted: nobody will ask. All is dropped.
 */
export interface Outflow {
  /** Copies the bytes. */
  take(stream: StreamName, bytes: Buffer): void;
  /** Whether the process may go on writing; `onRoom` tells when it may again. */
  hasRoom(): boolean;
  /** After this nothing is taken. The last frame goes out once all else has; it may take a small rest along. */
  finish(last: (seq: number, rest: Piece | undefined) => OutgoingNodeFrame): void;
  ack(seq: number, creditBytes: number): void;
  hold(): void;
  /** Opens it: everything after a sequence number is said again, with fresh credit. */
  replay(fromSeq: number): void;
  mute(): void;
  /** The highest number made. */
  lastSeq(): number;
}

export interface OutflowDeps {
  readonly outbox: Outbox;
  readonly budget: Budget;
  /** The frame of a chunk that is not the last. */
  readonly frameOf: (seq: number, piece: Piece) => OutgoingNodeFrame;
  readonly onRoom: () => void;
  readonly onCut: (stream: StreamName) => void;
  /** The last frame has no place for output. */
  readonly lastTakesNone?: boolean;
  /** All has been sent, and little is not acknowledged: from now on that is whoever's who is told. Once. */
  readonly onSent?: (left: readonly Chunk[]) => void;
}

/** A numbered frame. */
export interface Chunk {
  readonly seq: number;
  /** Of output, counted in the budget. */
  readonly bytes: number;
  readonly frame: OutgoingNodeFrame;
}

export function createOutflow(deps: OutflowDeps): Outflow {
  const { outbox, budget } = deps;
  const pending = createPending();
  const lastMostBytes = deps.lastTakesNone === true ? 0 : LAST_MOST_BYTES;
  /** Numbered, not acknowledged. Those before `next` have been sent over the present link. */
  const chunks: Chunk[] = [];
  let next = 0;
  let state: "open" | "held" | "muted" = "open";
  let creditBytes: number = NODE_FLOW.creditBytes;
  let outstandingBytes = 0;
  let seq = 0;
  let makeLast: Parameters<Outflow["finish"]>[0] | undefined;
  let isLastMade = false;
  let isHandedOver = false;

  const room = (): number => creditBytes - outstandingBytes;

  const send = (chunk: Chunk): void => {
    next += 1;
    outstandingBytes += chunk.bytes;
    outbox.send(chunk.frame);
  };

  const number = (bytes: number, frame: OutgoingNodeFrame): Chunk => {
    const chunk = { seq, bytes, frame };
    chunks.push(chunk);
    return chunk;
  };

  /** Numbers the next chunk, or undefined where nothing is left, or may not be numbered yet. */
  const make = (mostBytes: number): Chunk | undefined => {
    if (isLastMade) return undefined;
    if (makeLast !== undefined && fitsLast()) {
      if (pending.bytes() > mostBytes) return undefined;
      isLastMade = true;
      seq += 1;
      const rest = pending.shift(lastMostBytes);
      return number(rest?.data.length ?? 0, makeLast(seq, rest));
    }
    const piece = mostBytes <= 0 ? undefined : pending.shift(mostBytes);
    if (piece === undefined) return undefined;
    seq += 1;
    return number(piece.data.length, deps.frameOf(seq, piece));
  };

  const maySend = (chunk: Chunk): boolean =>
    chunk.bytes <= room() || (outstandingBytes === 0 && creditBytes > 0);

  const flush = (): void => {
    timer.flushed();
    if (state === "muted") return;
    if (state === "held") {
      while (make(CHUNK_MOST_BYTES) !== undefined);
      return;
    }
    sendOn();
    handOver();
  };

  const sendOn = (): void => {
    for (;;) {
      if (outbox.isFull() && !isEnding()) return;
      const waiting = chunks[next];
      if (waiting !== undefined && !maySend(waiting)) return;
      const chunk = waiting ?? make(Math.min(CHUNK_MOST_BYTES, room()));
      if (chunk === undefined) return;
      send(chunk);
    }
  };

  const handOver = (): void => {
    if (deps.onSent === undefined || isHandedOver || !isLastMade || next < chunks.length) return;
    if (chunks.reduce((sum, { bytes }) => sum + bytes, 0) > LEFT_MOST_BYTES) return;
    isHandedOver = true;
    timer.stop();
    stopListening();
    deps.onSent(chunks);
  };

  const fitsLast = (): boolean => pending.bytes() === 0 || pending.isOnePiece(lastMostBytes);

  /** An outcome without much output goes out at once: it is small, and its caller waits. */
  const isEnding = (): boolean =>
    makeLast !== undefined && fitsLast() && next === chunks.length && !isLastMade;

  const timer = createFlushTimer(flush);
  const stopListening = outbox.onRoom(() => {
    if (state !== "open") return;
    flush();
    if (hasRoom()) deps.onRoom();
  });

  const hasRoom = (): boolean =>
    state !== "open" || (!outbox.isFull() && pending.bytes() < Math.min(room(), CHUNK_MOST_BYTES));

  const letGo = (count: number): void => {
    const gone = chunks.splice(0, count);
    next = Math.max(0, next - count);
    for (const { bytes } of gone) budget.add(-bytes);
  };

  /** The last frame has been made and acknowledged, or nobody will ask for it. */
  const settle = (): void => {
    timer.stop();
    stopListening();
  };

  return {
    hasRoom,
    lastSeq: () => seq,
    take(stream, bytes) {
      if (state === "muted" || bytes.length === 0) return;
      if (state === "held" && !budget.hasRoomFor(bytes.length)) return deps.onCut(stream);
      budget.add(bytes.length);
      pending.push(stream, bytes);
      if (pending.bytes() >= CHUNK_MOST_BYTES) flush();
      else timer.gathered(pending.bytes());
    },
    finish(last) {
      makeLast = last;
      if (state === "muted") return settle();
      flush();
    },
    ack(acked, credit) {
      const count = chunks.findIndex((chunk) => chunk.seq > acked);
      letGo(count === -1 ? chunks.length : count);
      creditBytes = credit;
      outstandingBytes = chunks.slice(0, next).reduce((sum, { bytes }) => sum + bytes, 0);
      if (isLastMade && chunks.length === 0) return settle();
      if (state !== "open") return;
      flush();
      if (hasRoom()) deps.onRoom();
    },
    hold() {
      if (state !== "open") return;
      state = "held";
      flush();
      deps.onRoom();
    },
    replay(fromSeq) {
      if (state === "muted") return;
      const count = chunks.findIndex((chunk) => chunk.seq > fromSeq);
      letGo(count === -1 ? chunks.length : count);
      state = "open";
      next = 0;
      outstandingBytes = 0;
      creditBytes = NODE_FLOW.creditBytes;
      if (isLastMade && chunks.length === 0) return settle();
      flush();
      if (hasRoom()) deps.onRoom();
    },
    mute() {
      if (state === "muted") return;
      state = "muted";
      letGo(chunks.length);
      budget.add(-pending.bytes());
      pending.clear();
      deps.onRoom();
      if (makeLast !== undefined) settle();
    },
  };
}
