import type { AuditFile } from "@yardmaster/protocol";
import type { Log } from "../db/index.ts";
import { createRotatedFile, type RotatedFile } from "./rotated-file.ts";

export interface AuditFileDeps {
  /** The file itself; its folder is made. */
  readonly path: string;
  readonly now: () => number;
  readonly log: Pick<Log, "info" | "warn">;
}

export interface AuditFileLimits {
  readonly rotateBytes: number;
  /** Files beside the current one. */
  readonly kept: number;
  /** Lines that wait for a disk that fails or is slow. */
  readonly maxWaitingBytes: number;
  readonly retryMs: number;
  /** Lines of so long a time are written together: the calls need the machine more. */
  readonly gatherMs: number;
}

export const AUDIT_FILE_LIMITS: AuditFileLimits = {
  rotateBytes: 50 * 1024 * 1024,
  // With the one that is written: five.
  kept: 4,
  maxWaitingBytes: 8 * 1024 * 1024,
  retryMs: 1_000,
  gatherMs: 20,
};

/** Lines beside the chain, for tools that read files. What goes wrong here is told once and fails nobody. */
export interface AuditLines {
  append(lines: readonly string[]): void;
  state(): AuditFile;
  /** Resolves when nothing waits that could be written now. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export function createAuditFile(
  deps: AuditFileDeps,
  limits: AuditFileLimits = AUDIT_FILE_LIMITS,
): AuditLines {
  const file: RotatedFile = createRotatedFile(deps.path, limits);
  let waiting: string[] = [];
  let waitingBytes = 0;
  let missed = 0;
  let untoldMissed = 0;
  let failure: { readonly sinceMs: number; readonly reason: string } | undefined;
  let writing: Promise<void> | undefined;
  /** Until the next write, or the next try. */
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function append(lines: readonly string[]): void {
    for (const line of lines) {
      const bytes = Buffer.byteLength(line) + 1;
      if (waitingBytes + bytes > limits.maxWaitingBytes) {
        missed++;
        untoldMissed++;
        continue;
      }
      waiting.push(`${line}\n`);
      waitingBytes += bytes;
    }
    timer ??= writeIn(limits.gatherMs);
  }

  function writeIn(ms: number): NodeJS.Timeout {
    const planned = setTimeout(() => {
      timer = undefined;
      start();
    }, ms);
    return planned.unref();
  }

  function start(): void {
    if (waiting.length === 0) return;
    writing ??= write().finally(() => {
      writing = undefined;
    });
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting;
      const bytes = waitingBytes;
      const toldMissed = untoldMissed;
      waiting = [];
      waitingBytes = 0;
      try {
        await file.write(`${gapLine()}${lines.join("")}`);
        untoldMissed -= toldMissed;
        recovered();
      } catch (error) {
        waiting = [...lines, ...waiting];
        waitingBytes += bytes;
        failed(error);
        return;
      }
    }
  }

  /** A reader of the file must see that something is not there; the chain has it. */
  function gapLine(): string {
    if (untoldMissed === 0) return "";
    return `${JSON.stringify({ ts: new Date(deps.now()).toISOString(), action: "audit.gap", missed: untoldMissed })}\n`;
  }

  function failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (failure === undefined)
      deps.log.warn(
        { err: error, path: deps.path },
        "the audit's file cannot be written; calls go on, and the audit in the database is whole",
      );
    failure = { sinceMs: failure?.sinceMs ?? deps.now(), reason };
    clearTimeout(timer);
    if (!isClosed) timer = writeIn(limits.retryMs);
  }

  function recovered(): void {
    if (failure !== undefined)
      deps.log.info({ path: deps.path, missed }, "the audit's file is written again");
    failure = undefined;
  }

  return {
    append,
    state: () => ({
      path: deps.path,
      status: failure === undefined ? "ok" : "failing",
      since: failure === undefined ? null : new Date(failure.sinceMs).toISOString(),
      reason: failure?.reason ?? null,
      missed,
    }),
    async settled() {
      if (failure === undefined) start();
      await writing;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await writing;
      start();
      await writing;
      await file.close();
    },
  };
}
