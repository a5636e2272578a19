import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError, failureCode } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { digestOf, type PackFile, sha256 } from "../digest.ts";
import { readBlobs, readPack } from "../packs.store.ts";
import { removeUnused } from "./remove-unused.ts";

const BATCH_BYTES = 8 * 1_024 * 1_024;
/** A folder in use is marked so often, by its time, and those of other versions are looked at as often. */
const MARK_EVERY_MS = 3_600_000;

/** A version in use; `markedAt` is in Unix milliseconds. */
interface Unpacked {
  readonly folder: Promise<string>;
  readonly markedAt: number;
  /** Nobody is at it any more. */
  isThere: boolean;
}

/**
 * Gives the folder of a stored pack, unpacking it at the first need. What is there from an earlier process is
 * compared with the digest once: a power cut may have left a file without its content.
 */
export function createUnpacker(
  pool: Pool,
  programFolder: string,
  now: () => number = Date.now,
): (digest: string) => Promise<string> {
  const parent = join(programFolder, "packs");
  const ready = new Map<string, Unpacked>();

  return (digest) => {
    const known = ready.get(digest);
    const markedAt = now();
    // Who cleans up on this machine takes it away from under us.
    const isGone = known?.isThere === true && !existsSync(join(parent, digest));
    if (known !== undefined && !isGone && markedAt - known.markedAt < MARK_EVERY_MS)
      return known.folder;
    // Not beside an unpacking that is under way, which a clock that jumps would bring about.
    const folder =
      known === undefined || isGone
        ? unpack(digest, markedAt)
        : known.folder.then(() => markAgain(digest, markedAt));
    const entry: Unpacked = { folder, markedAt, isThere: false };
    ready.set(digest, entry);
    // A failure (the disk is full, the database away) may pass: the next who asks tries again.
    folder.then(
      () => {
        entry.isThere = true;
      },
      () => ready.delete(digest),
    );
    return folder;
  };

  async function unpack(digest: string, markedAt: number): Promise<string> {
    // With the folder above it, where that was removed: a data folder lets nobody in.
    await mkdir(parent, { recursive: true, mode: 0o700 });
    // Where others may come so far: for programs that are run as another user.
    await chmod(parent, 0o711);
    await removeUnused(pool, parent, markedAt);
    const folder = await ensureUnpacked(pool, parent, digest);
    await mark(folder, markedAt);
    return folder;
  }

  async function markAgain(digest: string, markedAt: number): Promise<string> {
    const folder = join(parent, digest);
    try {
      await mark(folder, markedAt);
      return folder;
    } catch (error) {
      ignoreMissing(error);
      return await unpack(digest, markedAt);
    }
  }
}

async function mark(folder: string, markedAt: number): Promise<void> {
  await utimes(folder, new Date(markedAt), new Date(markedAt));
}

async function ensureUnpacked(pool: Pool, parent: string, digest: string): Promise<string> {
  const folder = join(parent, digest);
  const row = await readPack(pool, digest);
  if (row === undefined)
    throw new AppError("not_found", `No pack with the digest ${digest} is stored.`);
  if (await holds(folder, row.files, digest)) return folder;
  const draft = join(parent, `.${digest.slice(0, 12)}.${randomBytes(6).toString("hex")}`);
  try {
    await writeAll(pool, draft, row.files);
    if (!(await holds(draft, row.files, digest)))
      throw new Error(`the stored content of pack ${digest} is not what its digest says (n4v7)`);
    await putInPlace(draft, folder, row.files, digest);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Renames onto nothing. Where another process was first its folder is as good; a damaged one gives way. */
async function putInPlace(
  draft: string,
  folder: string,
  files: readonly PackFile[],
  digest: string,
): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    try {
      return await rename(draft, folder);
    } catch (error) {
      const code = failureCode(error) ?? "";
      if (!["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(code)) throw error;
    }
    if (await holds(folder, files, digest)) return;
    const aside = `${draft}.damaged`;
    await rename(folder, aside).catch(ignoreMissing);
    await rm(aside, { recursive: true, force: true });
  }
  throw new Error(`${folder} cannot be replaced by a whole one (r6t1)`);
}

async function writeAll(pool: Pool, folder: string, files: readonly PackFile[]): Promise<void> {
  const folders = new Set(["", ...files.map((file) => dirname(file.path))]);
  for (const path of folders) {
    await mkdir(join(folder, path), { recursive: true });
    // As their files, whatever the umask.
    await chmod(join(folder, path), 0o755);
  }
  let batch: PackFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (batch.length > 0 && bytes + file.bytes > BATCH_BYTES) {
      await writeBatch(pool, folder, batch);
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.bytes;
  }
  await writeBatch(pool, folder, batch);
}

async function writeBatch(pool: Pool, folder: string, files: readonly PackFile[]): Promise<void> {
  const blobs = await readBlobs(pool, [...new Set(files.map((file) => file.sha256))]);
  for (const { path, sha256: hash, executable } of files) {
    const content = blobs.get(hash);
    if (content === undefined) throw new Error(`the content of ${path} is not stored (c9m3)`);
    const handle = await open(join(folder, path), "wx", 0o600);
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    // Not at creation: the umask would take bits away.
    await chmod(join(folder, path), executable ? 0o555 : 0o444);
  }
}

/** Whether a folder holds exactly these files, whole. A file too many could take the place of a module. */
async function holds(folder: string, files: readonly PackFile[], digest: string): Promise<boolean> {
  try {
    const found = await list(folder, "");
    if (found.length !== files.length) return false;
    const actual: PackFile[] = [];
    for (const { path } of files) {
      const facts = await lstat(join(folder, path));
      if (!facts.isFile()) return false;
      const content = await readFile(join(folder, path));
      const executable = (facts.mode & 0o111) !== 0;
      actual.push({ path, executable, bytes: content.length, sha256: sha256(content) });
    }
    return digestOf(process.platform === "win32" ? withModes(actual, files) : actual) === digest;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

/** Windows keeps no execute bit, so there the stored one counts. */
function withModes(actual: readonly PackFile[], stored: readonly PackFile[]): PackFile[] {
  return actual.map((file, index) => ({
    ...file,
    executable: stored[index]?.executable ?? file.executable,
  }));
}

async function list(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const child = path === "" ? entry.name : `${path}/${entry.name}`;
    if (!entry.isDirectory()) return [child];
    return entry.name === "__pycache__" ? [] : list(folder, child);
  });
  return (await Promise.all(nested)).flat();
}

function ignoreMissing(error: unknown): void {
  const code = failureCode(error) ?? "";
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}
