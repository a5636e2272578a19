import { NODE_FLOW } from "@yardmaster/protocol/node";
import type { Refusal } from "../refusal.ts";
import type { CarriedInput } from "./carried.ts";

/** The input of one call, in order, each piece once; what the command has not taken yet waits here. */
export interface Input {
  /** Why a piece was not taken, if so. */
  take(seq: number, bytes: Buffer, eof: boolean): Refusal | undefined;
  /** The command runs: from here on it gets its input, a piece when it has taken the one before. */
  connect(to: CarriedInput | undefined): void;
  /** Over a new link the server knows nothing of what was acknowledged last, and says again what it must know of. */
  linkUp(): void;
  /** Nothing more is fed or acknowledged. */
  close(): void;
}

export interface InputOptions {
  /**
   * Says that the command has taken everything up to a number; answers whether it was sent. Undefined where the server
   * asks for no acknowledgements: it is then told when too much waits.
   */
  readonly acknowledge: ((seq: number) => boolean) | undefined;
}

interface Piece {
  readonly seq: number;
  readonly bytes: Buffer;
  readonly eof: boolean;
}

const NOT_READ: Refusal = { reason: "busy", detail: "the command does not read its input" };

export function createInput({ acknowledge }: InputOptions): Input {
  const waiting: Piece[] = [];
  let waitingBytes = 0;
  let connected: CarriedInput | undefined;
  let isFeeding = false;
  let isClosed = false;
  let isEnded = false;
  let lastSeq = 0;
  let takenSeq = 0;
  /** Over the link of the moment. */
  let saidSeq = 0;

  const say = (): void => {
    if (isClosed || takenSeq <= saidSeq) return;
    if (acknowledge?.(takenSeq) === true) saidSeq = takenSeq;
  };

  const feed = async (to: CarriedInput): Promise<void> => {
    if (isFeeding) return;
    isFeeding = true;
    for (let piece = waiting[0]; piece !== undefined; piece = waiting[0]) {
      if (piece.bytes.length > 0) await to.write(piece.bytes);
      if (isClosed) return;
      if (piece.eof) to.end();
      waiting.shift();
      waitingBytes -= piece.bytes.length;
      takenSeq = piece.seq;
      say();
    }
    isFeeding = false;
  };

  return {
    take(seq, bytes, eof) {
      if (seq <= lastSeq) {
        // Said again after a cut, with which the acknowledgement was lost.
        if (seq <= takenSeq) say();
        return undefined;
      }
      if (seq !== lastSeq + 1) {
        const detail = `input ${lastSeq + 1} is missing before ${seq}`;
        return { reason: "bad_request", detail };
      }
      if (isEnded) return { reason: "bad_request", detail: "the input had ended before" };
      if (waitingBytes + bytes.length > NODE_FLOW.inputAheadBytes) return NOT_READ;
      lastSeq = seq;
      isEnded = eof;
      // A piece is a view of the message that it came in, which may be larger.
      waiting.push({ seq, bytes: Buffer.from(bytes), eof });
      waitingBytes += bytes.length;
      if (connected !== undefined) void feed(connected);
      return undefined;
    },
    connect(to) {
      connected = to;
      if (to !== undefined) void feed(to);
    },
    linkUp() {
      saidSeq = 0;
    },
    close() {
      isClosed = true;
      waiting.length = 0;
      waitingBytes = 0;
    },
  };
}
