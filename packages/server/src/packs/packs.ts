import { type Database, isConnectionLoss, type Log, retryOnConnectionLoss } from "../db/index.ts";
import { activateLoaded } from "./active/activation.ts";
import { coalesced } from "./active/coalesced.ts";
import { createDefinitionSource } from "./active/definition-source.ts";
import { createFollower } from "./active/follow-active.ts";
import { createPackCache } from "./active/pack-cache.ts";
import { watchFolders } from "./folder/folder-watch.ts";
import { createFolderLoader } from "./folder/load-folders.ts";
import { type RootsScan, scanRoots } from "./folder/scan-roots.ts";
import { MAX_CACHED_PACKS } from "./limits.ts";
import { readDeclaredQueues, readPacksWithQueue, readProblems } from "./packs.store.ts";
import type { FolderProblems, Packs, Reloaded } from "./packs.types.ts";
import { createRuleFiles } from "./rule-files.ts";
import { createUnpacker } from "./unpack/unpack.ts";

export interface PacksDeps {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly log: Log;
  /** Packs are unpacked into its `packs/`: the data folder, or one that the user of programs may enter. */
  readonly programFolder: string;
}

export interface PacksOptions {
  /** Absolute paths of YARD_PACKS. With none (a worker), what is active is taken from the database alone. */
  readonly folders: readonly string[];
  /** How often the revision is looked at, in case a notification was lost; 2 s. */
  readonly pollMs?: number;
  /** How often folders are looked at, in case the file system says nothing; 2 s. */
  readonly scanMs?: number;
  /** How long folders must be quiet before they are read; 150 ms. */
  readonly settleMs?: number;
}

/** Longer outages of the database are reported to who needs a pack's files. */
const MAX_WAIT_MS = 30_000;

/**
 * Loads the folders, stores and activates what is good in them, and keeps all of it up to date until closed.
 * Resolves when what is active is in memory. Broken folders do not fail it: they are logged and in `problems`.
 */
export async function createPacks(deps: PacksDeps, options: PacksOptions): Promise<Packs> {
  const { database, log } = deps;
  const { folders, pollMs = 2_000, scanMs = 2_000, settleMs = 150 } = options;
  const { pool } = database;
  const closing = new AbortController();
  const closed = closing.signal;
  const cache = createPackCache(pool, MAX_CACHED_PACKS, closed);
  const follower = createFollower({ pool, cache, log, closed });
  const load = createFolderLoader({ pool, onCompiled: cache.add, closed });
  const unpack = createUnpacker(pool, deps.programFolder);
  const lookers = new Set<() => void>();
  let scanned: RootsScan | undefined;
  let timer: NodeJS.Timeout | undefined;
  let following: Promise<void> = Promise.resolve();

  const reload = coalesced(async (): Promise<Reloaded> => {
    if (folders.length > 0) {
      scanned = await scanRoots(folders);
      const unreadable = scanned.unreadable.map((one) => one.folder);
      await activateLoaded({ database, log }, await load(scanned), unreadable);
    }
    await follower.refresh();
    return { revision: follower.definitions().rules.revision, problems: await problems() };
  });

  async function problems(): Promise<FolderProblems[]> {
    const rows = await readProblems(pool);
    return rows.map(({ found_at, ...row }) => ({ ...row, foundAt: found_at }));
  }

  /** While the database is away everything stays as it is. */
  function follow(): void {
    clearTimeout(timer);
    following = follower.refresh().catch((error: unknown) => {
      if (!closed.aborted && !isConnectionLoss(error))
        log.error({ err: error }, "cannot take up changed packs");
    });
    void following.then(() => {
      clearTimeout(timer);
      for (const look of lookers) look();
      if (!closed.aborted) timer = setTimeout(follow, pollMs).unref();
    });
  }

  const listening = await database.listen("yard_packs", follow, { onReconnect: follow });
  await reload();
  follow();
  const watching =
    folders.length === 0
      ? undefined
      : watchFolders({
          roots: folders,
          seen: scanned?.fingerprint ?? "",
          scanMs,
          settleMs,
          log,
          onChange: async () => void (await reload()),
        });

  return {
    source: createDefinitionSource({
      cache,
      active: follower.definitions,
      monotonicMs: () => performance.now(),
      packFolder: (digest) =>
        retryOnConnectionLoss(() => unpack(digest), { maxWaitMs: MAX_WAIT_MS }),
    }),
    active: () => follower.definitions().packs,
    rules: () => follower.definitions().rules,
    sources: () => follower.definitions().sources,
    queues: () => follower.definitions().queues,
    sensors: () => follower.definitions().sensors,
    tasks: () => follower.definitions().tasks,
    declaredQueues: () => readDeclaredQueues(pool),
    packsWithQueue: (queue) => readPacksWithQueue(pool, queue),
    ...createRuleFiles({ pool, active: () => follower.definitions().packs }),
    beforeChange: follower.beforeChange,
    onChange: follower.onChange,
    onLook(listener) {
      lookers.add(listener);
      return () => lookers.delete(listener);
    },
    problems,
    reload,
    refresh: follower.refresh,
    async close() {
      closing.abort();
      await watching?.close();
      await listening.stop();
      await following;
      clearTimeout(timer);
    },
  };
}
