import { createHash } from "node:crypto";
import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { retryOnConnectionLoss } from "../db/index.ts";
import type { ContentSink } from "../runners/index.ts";
import {
  dropUnfinished,
  finishContent,
  insertContent,
  insertPiece,
  useContent,
} from "./contents.store.ts";

/** The size of all pieces but the last. */
export const PIECE_BYTES = 1024 * 1024;

/** Of two who write the same content the slower takes what the faster wrote; in between it may have been deleted. */
const TRIES = 3;

/** Takes a content of a tree of runs, with at most one piece in memory. Until it is finished nobody sees it. */
export function createContentWriter(
  pool: Pool,
  options: { readonly id: string; readonly rootId: () => Promise<string> },
): ContentSink {
  const { id } = options;
  const hash = createHash("sha256");
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  let pieces = 0;

  async function flush(): Promise<void> {
    const piece = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    if (pieces === 0) await retryOnConnectionLoss(() => insertContent(pool, id));
    await retryOnConnectionLoss(() => insertPiece(pool, id, pieces, piece));
    pieces += 1;
  }

  async function settle(sha256: string): Promise<void> {
    const rootId = await options.rootId();
    for (let tries = 0; tries < TRIES; tries++) {
      const content = { id, sha256, bytes };
      if (await retryOnConnectionLoss(() => finishContent(pool, content, rootId))) return;
      if (await retryOnConnectionLoss(() => useContent(pool, rootId, sha256))) return await drop();
    }
    throw new AppError("unavailable", `the content ${sha256} could not be stored`);
  }

  async function drop(): Promise<void> {
    if (pieces > 0) await retryOnConnectionLoss(() => dropUnfinished(pool, id));
  }

  return {
    async add(data) {
      hash.update(data);
      bytes += data.length;
      for (let at = 0; at < data.length; ) {
        const part = data.subarray(at, at + PIECE_BYTES - waitingBytes);
        waiting.push(part);
        waitingBytes += part.length;
        at += part.length;
        if (waitingBytes === PIECE_BYTES) await flush();
      }
    },
    async finish(sha256) {
      if (hash.digest("hex") !== sha256) {
        await drop();
        return false;
      }
      // An empty content is one empty piece.
      if (waitingBytes > 0 || pieces === 0) await flush();
      await settle(sha256);
      return true;
    },
    drop,
  };
}
