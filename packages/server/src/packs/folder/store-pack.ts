import type { PackDefinition } from "@yardmaster/kernel";
import type { Pool } from "pg";
import { claimsOf } from "../claims.ts";
import type { PackContent } from "../digest.ts";
import { insertBlobs, insertPack, missingBlobs } from "../packs.store.ts";

const BATCH_BYTES = 4 * 1_024 * 1_024;
const BATCH_FILES = 500;

/**
 * Stores a version of a pack, contents first: where the row of a digest is, all of it is. Idempotent, and safe
 * when several processes store the same; contents of a process that died on the way are found by the next.
 */
export async function storePack(
  pool: Pool,
  pack: PackDefinition,
  content: PackContent,
): Promise<void> {
  const missing = await missingBlobs(pool, [...content.contents.keys()]);
  let batch: [string, Buffer][] = [];
  let bytes = 0;
  for (const [hash, blob] of content.contents) {
    if (!missing.has(hash)) continue;
    if (batch.length > 0 && (bytes + blob.length > BATCH_BYTES || batch.length >= BATCH_FILES)) {
      await insertBlobs(pool, batch);
      batch = [];
      bytes = 0;
    }
    batch.push([hash, blob]);
    bytes += blob.length;
  }
  if (batch.length > 0) await insertBlobs(pool, batch);
  await insertPack(pool, {
    digest: content.digest,
    name: pack.name,
    version: pack.version,
    description: pack.description ?? null,
    files: content.files,
    claims: claimsOf(pack),
  });
}
