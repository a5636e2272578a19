import { NODE_FLOW } from "@yardmaster/protocol/node";
import type { OutputChunk, OutputStream } from "../hub.types.ts";
import { createFifo } from "../wire/fifo.ts";

export interface OutputOptions {
  /** Each piece goes there; without it they are kept. */
  readonly onOutput: ((chunk: OutputChunk) => undefined | Promise<void>) | undefined;
  /** Kept per stream; what is beyond is dropped, and flagged. */
  readonly maxBytes: number;
  /** What waits for a slow reader at most; what is beyond is dropped, and flagged. */
  readonly unreadBytes: number;
  /** Told how far the reader has come, where the node knows credit. */
  readonly onTaken: (seq: number) => void;
  /** What of a chunk, and of what was held back before, is output; the rest is held back. Without it all is. */
  readonly pass?: (bytes: Buffer) => readonly Buffer[];
}

/** The output of one call, in the order of its chunks, no faster than its reader takes it. */
export interface Output {
  readonly lastSeq: number;
  /** Chunks came that do not follow on each other: some were lost. */
  readonly hasGap: boolean;
  readonly isStdoutTruncated: boolean;
  readonly isStderrTruncated: boolean;
  /** A chunk that was there already is passed over. */
  take(seq: number, stream: OutputStream, bytes: Buffer): void;
  /** Bytes without a number, such as those of a result. */
  add(stream: OutputStream, bytes: Buffer): void;
  /** Resolves when the reader has taken all. */
  drained(): Promise<void>;
  /** What was kept: of stdout, or of the terminal. */
  stdout(): Buffer;
  stderr(): Buffer;
}

interface Piece extends OutputChunk {
  readonly seq: number;
}

/** Acknowledged when a quarter of the credit was taken: the node never has to wait for one that reads. */
const ACK_BYTES = NODE_FLOW.creditBytes / 4;
/** What a piece weighs beside its bytes. */
const PIECE_OVERHEAD = 128;

export function createOutput(options: OutputOptions): Output {
  const { onOutput } = options;
  const unread = createFifo<Piece>();
  const kept = { stdout: createKept(options.maxBytes), stderr: createKept(options.maxBytes) };
  let unreadBytes = 0;
  let lastSeq = 0;
  let hasGap = false;
  let sinceAck = 0;
  let isReading = false;
  let isBroken = false;
  let onDrained: (() => void) | undefined;

  function accept(piece: Piece): void {
    const where = piece.stream === "stderr" ? kept.stderr : kept.stdout;
    if (onOutput === undefined) {
      where.add(piece.bytes);
      return taken(piece);
    }
    const weight = piece.bytes.length + PIECE_OVERHEAD;
    if (unreadBytes + weight > options.unreadBytes) {
      where.isTruncated = true;
      return;
    }
    unreadBytes += weight;
    unread.push(piece);
    read();
  }

  function taken({ seq, bytes }: Piece): void {
    sinceAck += bytes.length;
    if (seq === 0 || sinceAck < ACK_BYTES) return;
    sinceAck = 0;
    options.onTaken(seq);
  }

  /** Gives pieces to the reader until it asks for time. */
  function read(): void {
    if (isReading) return;
    for (let piece = unread.shift(); piece !== undefined; piece = unread.shift()) {
      const given = piece;
      const pending = give(given);
      if (pending === undefined) done(given);
      else {
        isReading = true;
        void pending.then(() => {
          isReading = false;
          done(given);
          read();
        });
        return;
      }
    }
    onDrained?.();
  }

  /** A reader that breaks gets nothing more; the call goes on without it. */
  function give(piece: Piece): Promise<void> | undefined {
    if (isBroken || piece.bytes.length === 0) return undefined;
    const broke = (): void => {
      isBroken = true;
    };
    try {
      return onOutput?.({ stream: piece.stream, bytes: piece.bytes })?.catch(broke);
    } catch {
      broke();
      return undefined;
    }
  }

  function done(piece: Piece): void {
    unreadBytes -= piece.bytes.length + PIECE_OVERHEAD;
    taken(piece);
  }

  return {
    get lastSeq() {
      return lastSeq;
    },
    get hasGap() {
      return hasGap;
    },
    get isStdoutTruncated() {
      return kept.stdout.isTruncated;
    },
    get isStderrTruncated() {
      return kept.stderr.isTruncated;
    },
    take(seq, stream, bytes) {
      if (seq <= lastSeq) return;
      if (seq > lastSeq + 1) hasGap = true;
      lastSeq = seq;
      const pieces = options.pass?.(bytes) ?? [bytes];
      for (const piece of pieces.slice(0, -1)) accept({ seq: 0, stream, bytes: piece });
      accept({ seq, stream, bytes: pieces.at(-1) ?? Buffer.alloc(0) });
    },
    add: (stream, bytes) => accept({ seq: 0, stream, bytes }),
    drained() {
      if (!isReading && unread.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onDrained = resolve;
      });
    },
    stdout: () => kept.stdout.bytes(),
    stderr: () => kept.stderr.bytes(),
  };
}

/** Bytes up to a limit, and whether there were more. One growing buffer: a node that sends single bytes costs no more. */
function createKept(maxBytes: number) {
  let store: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    isTruncated: false,
    add(bytes: Buffer): void {
      const fits = Math.min(bytes.length, maxBytes - size);
      if (fits < bytes.length) this.isTruncated = true;
      if (fits <= 0) return;
      if (size + fits > store.length) {
        const grown = Buffer.allocUnsafe(
          Math.min(Math.max(2 * store.length, size + fits), maxBytes),
        );
        store.copy(grown, 0, 0, size);
        store = grown;
      }
      bytes.copy(store, size, 0, fits);
      size += fits;
    },
    bytes: (): Buffer => store.subarray(0, size),
  };
}
