import { type FSWatcher, watch } from "node:fs";
import { join, sep } from "node:path";
import { isConnectionLoss, type Log } from "../../db/index.ts";
import { type RootsScan, scanRoots } from "./scan-roots.ts";

export interface FolderWatch {
  close(): Promise<void>;
}

export interface FolderWatchOptions {
  readonly roots: readonly string[];
  /** The state that has been taken up already. */
  readonly seen: string;
  /** A look at least this often: notifications of the file system are a hint, and some file systems send none. */
  readonly scanMs: number;
  /** The same while every folder is watched and no change has come without a notification; 10 s. */
  readonly restMs?: number;
  /** How long nothing may change before a change counts as finished. */
  readonly settleMs: number;
  readonly onChange: (scan: RootsScan) => Promise<void>;
  readonly log: Log;
  /** Of the file system; `fs.watch` unless given. */
  readonly notify?: (folder: string, tell: () => void) => FSWatcher;
}

const notifyByWatch: NonNullable<FolderWatchOptions["notify"]> = (folder, tell) =>
  watch(folder, { persistent: false }, tell);

/** Looking may take a fiftieth of one core at most: a pack with a big node_modules is looked at less often. */
const SHARE = 50;
/** Linux gives each user some ten thousand watches for all programs. */
const MAX_WATCHED = 200;
/** A look costs half a millisecond: every two seconds it was a third of what an idle server did. */
const REST_MS = 10_000;

/** Looks for changes in pack folders, and reports a state once it has settled. */
export function watchFolders(options: FolderWatchOptions): FolderWatch {
  const { roots, scanMs, restMs = REST_MS, settleMs, onChange, log } = options;
  const { notify = notifyByWatch } = options;
  const watchers = new Map<string, FSWatcher>();
  let seen = options.seen;
  let closed = false;
  let wake: () => void = () => {};
  let hinted = false;
  /** Since the last look. */
  let heard = false;
  /** A change came that nobody had told: this file system, or some folder of it, sends no notifications. */
  let isSilent = false;
  let isAllWatched = false;
  let lookMs = 0;

  const running = loop();

  async function loop(): Promise<void> {
    let pauseMs = 0;
    while (!closed) {
      heard = hinted;
      if (!hinted) await pause(pauseMs);
      hinted = false;
      if (closed) return;
      const isDone = await look().then(() => true, onFailure);
      const isTold = isDone && isAllWatched && !isSilent;
      pauseMs = Math.max(scanMs, isTold ? restMs : 0, lookMs * SHARE);
    }
  }

  function onFailure(error: unknown): false {
    if (closed) return false;
    const level = isConnectionLoss(error) ? "debug" : "error";
    log[level]({ err: error }, "cannot take up changed pack folders");
    return false;
  }

  async function look(): Promise<void> {
    const startedAt = performance.now();
    let scan = await scanRoots(roots);
    lookMs = performance.now() - startedAt;
    // What came into a folder after it was read and before it was watched, nobody tells.
    if (follow(scan)) scan = await scanRoots(roots);
    while (scan.fingerprint !== seen && !closed) {
      await settle();
      const again = await scanRoots(roots);
      const isSettled = again.fingerprint === scan.fingerprint;
      scan = again;
      if (!isSettled || closed) continue;
      if (!heard) isSilent = true;
      await onChange(scan);
      // Last: what could not be taken up, because the database was away, is found again by the next look.
      seen = scan.fingerprint;
      follow(scan);
    }
  }

  /** Ends early only when closed: hints are what it waits out. */
  async function settle(): Promise<void> {
    const until = performance.now() + settleMs;
    while (!closed && performance.now() < until) await pause(until - performance.now());
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function hint(): void {
    hinted = true;
    heard = true;
    wake();
  }

  /** Whether a folder is watched now that was not. */
  function follow(scan: RootsScan): boolean {
    const all = [...roots, ...scan.packs.flatMap((pack) => pack.folders), ...scan.others];
    const wanted = new Set(all.filter(isOwn).slice(0, MAX_WATCHED));
    for (const [folder, watcher] of watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    const added = [...wanted].filter((folder) => !watchers.has(folder) && add(folder));
    isAllWatched = all.every((folder) => watchers.has(folder));
    return added.length > 0;
  }

  function add(folder: string): boolean {
    try {
      const watcher = notify(folder, hint);
      watcher.on("error", () => {
        watcher.close();
        watchers.delete(folder);
      });
      watchers.set(folder, watcher);
      return true;
    } catch (error) {
      // No more watches, or the folder went: the regular look finds its changes, only later.
      log.debug({ err: error, folder }, "a pack folder is not watched");
      return false;
    }
  }

  return {
    async close() {
      closed = true;
      wake();
      for (const watcher of watchers.values()) watcher.close();
      await running;
    },
  };
}

/** Dependencies change seldom and are many: the regular look is enough for them. */
function isOwn(folder: string): boolean {
  return !join(folder, "x").includes(`${sep}node_modules${sep}`);
}
