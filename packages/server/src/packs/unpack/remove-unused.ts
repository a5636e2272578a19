import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Pool } from "pg";
import { readActiveSet } from "../packs.store.ts";

/** What processes left that died while they unpacked. A draft of a living one is younger. */
const DRAFT_LIFE_MS = 3_600_000;
/** Longer than any attempt may take that was started in it (24 days). */
const UNUSED_LIFE_MS = 30 * 24 * 3_600_000;

/**
 * Removes the folders of versions that no process has marked for a month, and old drafts: each change of a pack leaves
 * its version whole. One that is wanted again, by a new try of an old run, is unpacked again. Active ones stay: processes
 * of builds that do not mark them may be using them.
 */
export async function removeUnused(pool: Pool, parent: string, now: number): Promise<void> {
  const old: string[] = [];
  for (const name of await readdir(parent)) {
    const facts = await lstat(join(parent, name)).catch(() => undefined);
    const lifeMs = name.startsWith(".") ? DRAFT_LIFE_MS : UNUSED_LIFE_MS;
    if (facts !== undefined && now - facts.mtimeMs > lifeMs) old.push(name);
  }
  if (old.length === 0) return;
  const { rows } = await readActiveSet(pool);
  const active = new Set(rows.map(({ digest }) => digest));
  for (const name of old)
    if (!active.has(name)) await rm(join(parent, name), { recursive: true, force: true });
}
