import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { failureCode } from "@yardmaster/protocol";

export interface RotatedFile {
  /** Appends whole lines; afterwards they are in the file or it throws. Never called while a write is out. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

interface Opened {
  readonly handle: FileHandle;
  readonly inode: bigint;
  sizeBytes: number;
}

/**
 * A file that only its owner can read, and its predecessors `.1` (the newest) to `.N`. A failed write opens it anew the
 * next time. Another process may append to it and rotate it as well: what is appended is whole lines, and a file that
 * was moved away is left alone.
 */
export function createRotatedFile(
  path: string,
  { rotateBytes, kept }: { readonly rotateBytes: number; readonly kept: number },
): RotatedFile {
  let opened: Opened | undefined;

  async function write(text: string): Promise<void> {
    try {
      opened = await current(Buffer.byteLength(text));
      await opened.handle.appendFile(text);
      opened.sizeBytes += Buffer.byteLength(text);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** The file as it is now at its path, with room for so much. */
  async function current(bytes: number): Promise<Opened> {
    if (opened !== undefined && !(await isStillThere(opened))) await close();
    opened ??= await openFile(path);
    if (opened.sizeBytes === 0 || opened.sizeBytes + bytes <= rotateBytes) return opened;
    await close();
    await moveOn();
    return await openFile(path);
  }

  async function isStillThere({ inode }: Opened): Promise<boolean> {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found?.ino === inode;
  }

  async function moveOn(): Promise<void> {
    await rm(`${path}.${kept}`, { force: true });
    for (let number = kept - 1; number >= 1; number--)
      await moved(`${path}.${number}`, `${path}.${number + 1}`);
    await moved(path, `${path}.1`);
  }

  async function close(): Promise<void> {
    const { handle } = opened ?? {};
    opened = undefined;
    await handle?.close().catch(() => undefined);
  }

  return { write, close };
}

async function openFile(path: string): Promise<Opened> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, "a+", 0o600);
  try {
    const { ino, size, mode } = await handle.stat({ bigint: true });
    if (process.platform !== "win32" && (mode & 0o077n) !== 0n) await handle.chmod(0o600);
    const sizeBytes = Number(size);
    const isTorn = sizeBytes > 0 && !(await endsInNewline(handle, sizeBytes));
    // A crash or a full disk left half a line; the next must not be stuck to it.
    if (isTorn) await handle.appendFile("\n");
    return { handle, inode: ino, sizeBytes: sizeBytes + Number(isTorn) };
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

async function endsInNewline(handle: FileHandle, sizeBytes: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
  return buffer[0] === 0x0a;
}

async function moved(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (failureCode(error) !== "ENOENT") throw error;
  }
}
