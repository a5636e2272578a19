import { createFifo } from "./fifo.ts";

/** What the writer needs of a WebSocket: frames in the order given, and word when the system has taken each. */
export interface FrameSink {
  send(
    piece: string | Buffer,
    options: { readonly binary: boolean; readonly fin: boolean },
    taken: (error?: Error | null) => void,
  ): void;
}

export interface WriterLimits {
  /** Larger messages go in pieces, so that progress can be seen on a slow line. */
  readonly pieceBytes: number;
  /** What is handed to the socket before it has taken what came before. */
  readonly windowBytes: number;
}

export const WRITER_LIMITS: WriterLimits = { pieceBytes: 64 * 1024, windowBytes: 256 * 1024 };

export interface Push {
  /** Goes before what waits, but never into the middle of a message. */
  readonly urgent?: boolean | undefined;
  /** Called when the system has taken all of it; not called where the socket ends before. */
  readonly taken?: (() => void) | undefined;
}

/** The one way out of a socket: whole messages, one after the other, whoever sends them. */
export interface Writer {
  push(message: string | Buffer, options?: Push): void;
  /** Not yet taken by the system; of text, its characters. */
  readonly queuedBytes: number;
  /** Since when the system has taken nothing, of a clock that never jumps; undefined where nothing waits. */
  readonly stuckSinceMs: number | undefined;
  /** Drops what waits, but for what is urgent; calls back when that is handed to the socket. */
  finish(then: () => void): void;
}

interface Message {
  readonly body: string | Buffer;
  readonly taken: (() => void) | undefined;
}

export function createWriter(
  sink: FrameSink,
  monotonicMs: () => number,
  limits: WriterLimits = WRITER_LIMITS,
): Writer {
  const urgent = createFifo<Message>();
  const waiting = createFifo<Message>();
  let inPieces: { readonly bytes: Buffer; at: number; readonly message: Message } | undefined;
  let inFlight = 0;
  let queued = 0;
  let movedAt = 0;
  let isOver = false;
  let onFinished: (() => void) | undefined;

  function pump(): void {
    while (inFlight < limits.windowBytes) {
      if (inPieces !== undefined) sendPiece(inPieces);
      else {
        const message = urgent.shift() ?? waiting.shift();
        if (message === undefined) break;
        if (message.body.length <= limits.pieceBytes) sendWhole(message);
        else inPieces = { bytes: Buffer.from(message.body as string), at: 0, message };
      }
    }
    if (onFinished === undefined || inPieces !== undefined || urgent.size > 0) return;
    const finished = onFinished;
    onFinished = undefined;
    finished();
  }

  function sendWhole({ body, taken }: Message): void {
    send(body, { binary: typeof body !== "string", fin: true }, body.length, taken);
  }

  function sendPiece(pieces: NonNullable<typeof inPieces>): void {
    const { bytes, at, message } = pieces;
    const piece = bytes.subarray(at, at + limits.pieceBytes);
    pieces.at += piece.length;
    const fin = pieces.at === bytes.length;
    if (fin) inPieces = undefined;
    const counted = Math.min(piece.length, Math.max(message.body.length - at, 0));
    const options = { binary: typeof message.body !== "string", fin };
    send(piece, options, counted, fin ? message.taken : undefined);
  }

  function send(
    piece: string | Buffer,
    options: { readonly binary: boolean; readonly fin: boolean },
    counted: number,
    taken: (() => void) | undefined,
  ): void {
    inFlight += piece.length;
    sink.send(piece, options, (error) => {
      inFlight -= piece.length;
      queued -= counted;
      movedAt = monotonicMs();
      if (error) return;
      taken?.();
      pump();
    });
  }

  return {
    get queuedBytes() {
      return queued;
    },
    get stuckSinceMs() {
      return queued > 0 || inFlight > 0 ? movedAt : undefined;
    },
    push(body, options) {
      if (isOver) return;
      if (queued === 0 && inFlight === 0) movedAt = monotonicMs();
      queued += body.length;
      (options?.urgent === true ? urgent : waiting).push({ body, taken: options?.taken });
      pump();
    },
    finish(then) {
      isOver = true;
      waiting.clear();
      onFinished = then;
      pump();
    },
  };
}
