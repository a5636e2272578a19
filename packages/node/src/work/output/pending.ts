import type { StreamName } from "@yardmaster/protocol/node";

export interface Piece {
  readonly stream: StreamName;
  readonly data: Buffer;
}

/** Output that has no sequence number yet, in the order in which it came over all streams. */
export interface Pending {
  bytes(): number;
  /** Copies the bytes. */
  push(stream: StreamName, bytes: Buffer): void;
  /** Takes the first piece, of one stream, cut to so many bytes; undefined where there is none. */
  shift(mostBytes: number): Piece | undefined;
  /** Of one stream alone: all of it, and it fits. */
  isOnePiece(mostBytes: number): boolean;
  clear(): void;
}

interface Run {
  readonly stream: StreamName;
  parts: Buffer[];
  bytes: number;
}

export function createPending(): Pending {
  const runs: Run[] = [];
  let total = 0;
  return {
    bytes: () => total,
    push(stream, bytes) {
      const last = runs.at(-1);
      const copy = ownCopy(bytes);
      total += copy.length;
      if (last?.stream !== stream) runs.push({ stream, parts: [copy], bytes: copy.length });
      else {
        last.parts.push(copy);
        last.bytes += copy.length;
      }
    },
    shift(mostBytes) {
      const run = runs[0];
      if (run === undefined) return undefined;
      const data = takeFrom(run, mostBytes);
      total -= data.length;
      if (run.bytes === 0) runs.shift();
      return { stream: run.stream, data };
    },
    isOnePiece: (mostBytes) => runs.length === 1 && total <= mostBytes,
    clear() {
      runs.length = 0;
      total = 0;
    },
  };
}

/** What `Buffer.from` makes of little shares 8 KiB with others, and would keep them for as long as it is remembered itself. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

function takeFrom(run: Run, mostBytes: number): Buffer {
  const taken: Buffer[] = [];
  let bytes = 0;
  let parts = 0;
  for (const part of run.parts) {
    if (bytes + part.length > mostBytes) break;
    taken.push(part);
    bytes += part.length;
    parts += 1;
  }
  run.parts.splice(0, parts);
  const cut = run.parts[0];
  if (cut !== undefined && bytes < mostBytes) {
    taken.push(cut.subarray(0, mostBytes - bytes));
    run.parts[0] = cut.subarray(mostBytes - bytes);
    bytes = mostBytes;
  }
  run.bytes -= bytes;
  return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken, bytes);
}
