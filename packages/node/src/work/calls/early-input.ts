import { NODE_LIMITS } from "@yardmaster/protocol/node";
import type { Refusal } from "../refusal.ts";
import type { CarriedInput } from "./carried.ts";

/** The input of one call, in order, each piece once; kept until the command runs. */
export interface Input {
  /** Why a piece was not taken, if so. */
  take(seq: number, bytes: Buffer, eof: boolean): Refusal | undefined;
  /** The command runs: from here on it gets its input at once. */
  connect(to: CarriedInput | undefined): void;
}

const EARLY_MOST_BYTES = 16 * NODE_LIMITS.inputBytes;
const NOT_READ: Refusal = { reason: "busy", detail: "the command does not read its input" };

export function createInput(): Input {
  let connected: CarriedInput | undefined;
  let early: Buffer[] = [];
  let earlyBytes = 0;
  let lastSeq = 0;
  let isEnded = false;

  const keep = (bytes: Buffer): boolean => {
    if (earlyBytes + bytes.length > EARLY_MOST_BYTES) return false;
    early.push(Buffer.from(bytes));
    earlyBytes += bytes.length;
    return true;
  };

  return {
    take(seq, bytes, eof) {
      if (seq <= lastSeq) return undefined; // Said again after a cut.
      if (seq !== lastSeq + 1) {
        const detail = `input ${lastSeq + 1} is missing before ${seq}`;
        return { reason: "bad_request", detail };
      }
      if (isEnded) return { reason: "bad_request", detail: "the input had ended before" };
      if (!(connected === undefined ? keep(bytes) : connected.write(bytes))) return NOT_READ;
      lastSeq = seq;
      isEnded = eof;
      if (eof) connected?.end();
      return undefined;
    },
    connect(to) {
      connected = to;
      for (const bytes of early) to?.write(bytes);
      early = [];
      if (isEnded) to?.end();
    },
  };
}
