import { setTimeout as after } from "node:timers/promises";
import { isAppError, type WorkError } from "@yardmaster/protocol";
import type { NodeFrames, OutgoingServerFrames } from "@yardmaster/protocol/node";
import type { OfferedFile } from "../job/job-payload.ts";
import { type FilePiece, piecesOf } from "./file-feed.ts";

export interface FeedingDeps {
  readonly leaseId: string;
  readonly packFolder: string;
  /** By checksum: what the node may ask for. */
  readonly files: ReadonlyMap<string, OfferedFile>;
  /** Rejects where the link is down, or takes nothing now. */
  readonly send: (frame: OutgoingServerFrames["task_file"]) => Promise<void>;
  readonly isLinked: () => boolean;
  /** Once: a file that cannot be given. */
  readonly onFlaw: (error: WorkError) => void;
  /** After what a link that is too busy is asked again; 1 s. */
  readonly againMs?: number;
}

/**
 * Gives a node the files of a job that it lacks, one after the other and a piece at a time. A file that is asked for
 * again begins anew from where the node says, in the place of what it was sent before. After a cut link the node asks
 * again for what it lacks then.
 */
export function createFeeding(deps: FeedingDeps) {
  const { files, againMs = 1_000 } = deps;
  /** The offset that a file is wanted from, in the order in which they were asked for. */
  const wanted = new Map<string, number>();
  /** Asked for, and not known to be there whole. */
  const lacking = new Set<string>();
  let current: { readonly sha256: string; isReplaced: boolean } | undefined;
  let unacked = 0;
  let isFeeding = false;
  let isOver = false;

  async function feed(): Promise<void> {
    if (isFeeding) return;
    isFeeding = true;
    for (const [sha256, offset] of wanted) {
      wanted.delete(sha256);
      const file = files.get(sha256);
      if (isOver || file === undefined || !deps.isLinked()) continue;
      await give(file, offset).catch((error: unknown) => {
        if (!isCut(error)) fail(file, error);
      });
    }
    isFeeding = false;
  }

  async function give(file: OfferedFile, offset: number): Promise<void> {
    const mine = { sha256: file.sha256, isReplaced: false };
    current = mine;
    for await (const piece of piecesOf(file, deps.packFolder, offset)) {
      while (!isOver && !mine.isReplaced && !(await isTaken(piece))) await after(againMs);
      if (isOver || mine.isReplaced) return;
    }
  }

  /** False: the link is too busy for it. */
  async function isTaken(piece: FilePiece): Promise<boolean> {
    unacked++;
    try {
      await deps.send({ type: "task_file", lease_id: deps.leaseId, ...piece });
      return true;
    } catch (error) {
      unacked = Math.max(0, unacked - 1);
      if (isAppError(error) && error.code === "node_busy") return false;
      throw error;
    }
  }

  function isCut(error: unknown): boolean {
    return !deps.isLinked() || (isAppError(error) && error.code === "node_disconnected");
  }

  function fail({ path, sha256 }: OfferedFile, error: unknown): void {
    if (isOver) return;
    isOver = true;
    const message = `${path} could not be given to the node: ${reasonOf(error)}.`;
    deps.onFlaw({ code: "io_error", message, details: { path, sha256 } });
  }

  return {
    want(asked: NodeFrames["task_need"]["files"]): void {
      for (const { sha256, offset } of asked) {
        const file = files.get(sha256);
        if (file === undefined || offset > file.bytes) continue;
        if (current?.sha256 === sha256) current.isReplaced = true;
        wanted.delete(sha256);
        wanted.set(sha256, offset);
        lacking.add(sha256);
      }
      void feed();
    },
    /** The node has a piece. False: none that it was sent. */
    ack({ sha256, offset }: NodeFrames["task_file_ack"]): boolean {
      if (offset === files.get(sha256)?.bytes) lacking.delete(sha256);
      if (unacked === 0) return false;
      unacked--;
      return true;
    },
    /** Files that the node has asked for and does not have yet. */
    isLacking: (): boolean => lacking.size > 0,
    /** Another link stands: what the node lacks it asks for anew. */
    linked(): void {
      wanted.clear();
      if (current !== undefined) current.isReplaced = true;
      unacked = 0;
    },
    stop(): void {
      isOver = true;
      wanted.clear();
    },
  };
}

/** Without the place on this machine, which a node's owner has no use for. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return isAppError(error) || code === undefined ? error.message : `it cannot be read (${code})`;
}
