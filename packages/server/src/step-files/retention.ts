import type { Pool } from "pg";
import { goneRuns } from "../engine/index.ts";
import {
  deleteUnfinishedContents,
  deleteUnusedContents,
  deleteUses,
  selectRoots,
} from "./retention.store.ts";

/** Contents that go at once: each may have a hundred pieces. */
const CONTENTS = 100;

/**
 * Lets go of the files of runs that are kept no longer, and deletes what no run has any more. `before`: what was begun
 * since is left alone, be it a run that is not committed yet or a content that is being written. Says how many contents
 * it deleted.
 */
export async function deleteOldStepFiles(pool: Pool, before: Date, limit: number): Promise<number> {
  await letGo(pool, before, limit);
  const unused = await inBatches(() => deleteUnusedContents(pool, CONTENTS));
  return unused + (await inBatches(() => deleteUnfinishedContents(pool, before, CONTENTS)));
}

async function letGo(pool: Pool, before: Date, limit: number): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const roots = await selectRoots(pool, before, after, limit);
    const gone = await goneRuns(pool, roots);
    if (gone.length > 0) await deleteUses(pool, gone);
    if (roots.length < limit) return;
    after = roots.at(-1);
  }
}

async function inBatches(deleteSome: () => Promise<number>): Promise<number> {
  let all = 0;
  for (;;) {
    const count = await deleteSome();
    all += count;
    if (count < CONTENTS) return all;
  }
}
