import { constants } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../config/owner-only.ts";
import type { AuditNote } from "../work/work.types.ts";

export interface AuditLogOptions {
  /** `audit.jsonl`; the older ones beside it end in `.1` to `.4`. */
  readonly path: string;
  /** What the node is called by now. */
  readonly node: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told once for each time that the disk begins to fail, and when it is well again. */
  readonly onTrouble: (message: string) => void;
  readonly fileBytes?: number;
  /** Lines that wait for a slow disk; more are dropped, and counted. */
  readonly waitingMost?: number;
}

/** The node's own record of what it was asked: one JSON object a line, for its owner alone. */
export interface AuditLog {
  /** Never throws and never waits: a failing disk must not break a call. */
  note(note: AuditNote): void;
  /** Resolves when all that was noted is written, or could not be. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const FILES = 5;

export function createAuditLog({
  path,
  node,
  now,
  onTrouble,
  fileBytes = 50 * MIB,
  waitingMost = 10_000,
}: AuditLogOptions): AuditLog {
  let waiting: string[] = [];
  let dropped = 0;
  let file: FileHandle | undefined;
  let bytes = 0;
  let isTroubled = false;
  let writing: Promise<void> | undefined;

  function lineOf({
    action,
    request_id,
    status,
    duration_ms,
    exit_code,
    actor,
    ...rest
  }: AuditNote): string {
    const known = {
      ts: new Date(now()).toISOString(),
      node: node(),
      action,
      status: status ?? null,
      duration_ms: duration_ms ?? null,
      exit_code: exit_code ?? null,
      request_id,
      actor: actor ?? null,
    };
    return `${JSON.stringify({ ...known, ...rest })}\n`;
  }

  /** After this round of I/O: it would hold up the start of what the note is of by a tenth of a millisecond. */
  async function write(): Promise<void> {
    await nextTurn();
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      try {
        await append(lines.join(""));
        well();
      } catch (error) {
        await troubled(lines.length, error);
      }
    }
    writing = undefined;
  }

  async function append(text: string): Promise<void> {
    const textBytes = Buffer.byteLength(text);
    file ??= await opened();
    if (bytes > 0 && bytes + textBytes > fileBytes) {
      await rotate();
      file = await opened();
    }
    await file.appendFile(text);
    bytes += textBytes;
  }

  async function opened(): Promise<FileHandle> {
    const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW = 0 } = constants;
    const handle = await open(path, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
    try {
      await handle.chmod(0o600);
      const { size } = await handle.stat();
      // A crash or a full disk left half a line; the next must not be stuck to it.
      const isTorn = size > 0 && !(await endsInNewline(handle, size));
      if (isTorn) await handle.appendFile("\n");
      bytes = size + Number(isTorn);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The oldest goes; each other moves one on. */
  async function rotate(): Promise<void> {
    await shut();
    await rm(nameOf(FILES - 1), { force: true });
    for (let age = FILES - 2; age >= 0; age--) {
      if (await exists(nameOf(age))) await rename(nameOf(age), nameOf(age + 1));
    }
  }

  const nameOf = (age: number) => (age === 0 ? path : `${path}.${age}`);

  async function shut(): Promise<void> {
    const open = file;
    file = undefined;
    await open?.close();
  }

  async function troubled(lines: number, error: unknown): Promise<void> {
    dropped += lines;
    // Opened anew for the next line: the file may have been moved, the disk may be back.
    await shut().catch(() => {});
    if (isTroubled) return;
    isTroubled = true;
    onTrouble(
      `the audit log ${path} cannot be written: ${messageOf(error)}; calls go on without it`,
    );
  }

  function well(): void {
    if (dropped === 0) return;
    isTroubled = false;
    onTrouble(`the audit log ${path} is written again; ${dropped} lines were lost`);
    dropped = 0;
  }

  return {
    note(note) {
      if (waiting.length >= waitingMost) dropped++;
      else waiting.push(lineOf(note));
      writing ??= write();
    },
    async close() {
      while (writing !== undefined) await writing;
      await shut();
    },
  };
}

async function endsInNewline(handle: FileHandle, sizeBytes: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
  return buffer[0] === 0x0a;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
