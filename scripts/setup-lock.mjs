import { mkdir, readFile, rm, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 200;
const HEARTBEAT_MS = 2_000;
/** Fifteen heartbeats: a holder that is silent for so long is gone, wherever it ran. */
const STALE_MS = 30_000;
/** Taking a dead holder's lock away lasts milliseconds; a guard older than this was left by a crash. */
const GUARD_STALE_MS = 10_000;

/**
 * Runs `work` while holding the lock file at `path`, so that two set-ups of one checkout follow each other.
 * `onWait` is called once, when another process holds it. A holder that died is noticed by its process id on the
 * same machine, at once, and by its missing heartbeat otherwise.
 */
export async function withLock(path, work, onWait = () => {}) {
  await acquire(path, onWait);
  const heartbeat = setInterval(
    () => utimes(path, new Date(), new Date()).catch(() => {}),
    HEARTBEAT_MS,
  );
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await unlink(path).catch(() => {});
  }
}

async function acquire(path, onWait) {
  const holder = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let told = false; ; ) {
    try {
      await writeFile(path, holder, { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (await isAbandoned(path)) {
      await takeAway(path);
      continue;
    }
    if (!told) onWait();
    told = true;
    await wait(POLL_MS);
  }
}

async function isAbandoned(path) {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const silent = Date.now() - mtimeMs;
    if (silent > STALE_MS) return true;
    // An empty file is one that its holder is about to fill.
    if (text === "") return false;
    const { pid, host } = JSON.parse(text);
    return host === hostname() && !isAlive(pid);
  } catch {
    return false;
  }
}

/** Only under a guard, and after a second look: without it, two waiters could each remove a lock, the second one a fresh lock. */
async function takeAway(path) {
  const guard = `${path}.steal`;
  try {
    await mkdir(guard);
  } catch {
    const age = await stat(guard).then(
      (entry) => Date.now() - entry.mtimeMs,
      () => 0,
    );
    if (age > GUARD_STALE_MS) await rm(guard, { recursive: true, force: true });
    await wait(POLL_MS);
    return;
  }
  try {
    if (await isAbandoned(path)) await unlink(path).catch(() => {});
  } finally {
    await rm(guard, { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
