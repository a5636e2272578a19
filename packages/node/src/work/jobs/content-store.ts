import { createHash } from "node:crypto";
import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/**
 * Files of jobs by their SHA-256, kept for later jobs: what the node has need not be sent again. Bounded; what was
 * not used for longest goes first. What came in part stays in part, over cut links and restarts.
 */
export interface ContentStore {
  /** Whether it is there; then it counts as used. */
  has(sha256: string): boolean;
  path(sha256: string): string;
  /** How much of it has come. */
  offset(sha256: string): number;
  /** Takes a piece. What it has already is skipped, what leaves a hole is not taken. */
  receive(piece: ContentPiece): Promise<ReceivedContent>;
  /** It was found to be broken. */
  drop(sha256: string): void;
}

export interface ContentPiece {
  readonly sha256: string;
  /** Of the whole. */
  readonly bytes: number;
  readonly offset: number;
  readonly data: Buffer;
}

export type ReceivedContent =
  | { readonly status: "partial" | "complete"; readonly offset: number }
  /** All of it came, and it is something else: it begins anew. */
  | { readonly status: "mismatch"; readonly offset: 0 };

const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;

export function createContentStore(folder: string, mostBytes: number): ContentStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const receiving = new Map<string, Promise<unknown>>();
  const path = (sha256: string): string => join(folder, sha256);
  const partPath = (sha256: string): string => `${path(sha256)}.part`;

  const takePiece = async (piece: ContentPiece): Promise<ReceivedContent> => {
    const { sha256, bytes } = piece;
    if (existsSync(path(sha256))) return { status: "complete", offset: bytes };
    const file = await open(partPath(sha256), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      const offset = await append(file, piece);
      if (offset < bytes) return { status: "partial", offset };
      if ((await hashOf(file)) !== sha256) {
        rmSync(partPath(sha256), { force: true });
        return { status: "mismatch", offset: 0 };
      }
      await file.datasync();
      renameSync(partPath(sha256), path(sha256));
      makeRoom(folder, mostBytes);
      return { status: "complete", offset };
    } finally {
      await file.close();
    }
  };

  return {
    path,
    has(sha256) {
      if (!existsSync(path(sha256))) return false;
      try {
        const now = new Date();
        utimesSync(path(sha256), now, now);
      } catch {
        // It is there all the same, on a disk that cannot be written now.
      }
      return true;
    },
    offset: (sha256) => sizeOf(partPath(sha256)),
    receive(piece) {
      // One after the other: two jobs may wait for the same content.
      const before = receiving.get(piece.sha256) ?? Promise.resolve();
      const mine = before.then(
        () => takePiece(piece),
        () => takePiece(piece),
      );
      receiving.set(piece.sha256, mine);
      const forget = () => {
        if (receiving.get(piece.sha256) === mine) receiving.delete(piece.sha256);
      };
      void mine.then(forget, forget);
      return mine;
    },
    drop: (sha256) => rmSync(path(sha256), { force: true }),
  };
}

/** Answers how much there is afterwards. */
async function append(file: FileHandle, { offset, data, bytes }: ContentPiece): Promise<number> {
  const { size } = await file.stat();
  const skip = size - offset;
  if (skip < 0 || skip >= data.length) return size;
  const rest = data.subarray(skip, skip + Math.max(0, bytes - size));
  // A disk that is about to be full takes a part, and says so the next time.
  for (let taken = 0; taken < rest.length; )
    taken += (await file.write(rest, taken, rest.length - taken, size + taken)).bytesWritten;
  return size + rest.length;
}

export async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Removes what was not used for longest, until the rest fits. */
function makeRoom(folder: string, mostBytes: number): void {
  const files = readdirSync(folder).flatMap((name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ name, bytes: stat.size, usedAt: stat.mtimeMs }];
  });
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= mostBytes) return;
    rmSync(join(folder, name), { force: true });
    total -= bytes;
  }
}
