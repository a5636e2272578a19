import { execFile } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  unlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Named pipes (FIFOs) in a folder of our own, which nobody else may enter. Processes get real pipes that way,
 * which a shell can open by name and `/dev/stdout` works with: those of `child_process` are sockets.
 */
export interface PipeFolder {
  readonly path: string;
  /** Names of pipes that nobody has open, and that are there. Rejects where the system makes none. */
  take(count: number): Promise<string[]>;
  /** Gives a pipe back that nobody has open any more: it is used again. */
  giveBack(path: string): void;
  /** Removes a pipe that somebody may have open still. */
  remove(path: string): void;
  /**
   * A pipe is read on for whoever still writes into it. Of too many the oldest is given up: `stop` is called. The
   * answered function says that it has ended.
   */
  readOn(stop: () => void): () => void;
  /** Removes the folder. What still has a pipe open keeps it. */
  close(): void;
}

const BATCH = 16;
/** Two for each process in the background that keeps its output. */
const READ_ON_MOST = 512;

const run = promisify(execFile);

/** Memory, where the system has it: on a disk, shortening a file waits for the disk when others keep it busy. */
function temporaryFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK | constants.X_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}

/** Makes the folder at once, and pipes as they are needed: one `mkfifo` for many, since it is a process. */
export function createPipeFolder(parent: string = temporaryFolder()): PipeFolder {
  const path = mkdtempSync(join(parent, "yard-"));
  const free: string[] = [];
  const readOn = new Set<() => void>();
  let made = 0;
  let making: Promise<void> | undefined;
  let isClosed = false;

  const make = async (): Promise<void> => {
    if (isClosed) throw new Error("the node is about to end");
    const paths = Array.from({ length: BATCH }, () => {
      made += 1;
      return join(path, String(made));
    });
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await run("mkfifo", ["-m", "600", ...paths]).catch(tellWhatIsMissing);
    free.push(...paths);
  };

  return {
    path,
    async take(count) {
      // A cleaner of old files was here: all are made anew, the folder too.
      if (!free.slice(-count).every(existsSync)) free.length = 0;
      while (free.length < count) {
        making ??= make().finally(() => {
          making = undefined;
        });
        await making;
      }
      return free.splice(-count);
    },
    giveBack: (pipe) => void free.push(pipe),
    remove: removeQuietly,
    readOn(stop) {
      readOn.add(stop);
      const [oldest] = readOn.size > READ_ON_MOST ? readOn : [];
      oldest?.();
      return () => void readOn.delete(stop);
    },
    close() {
      isClosed = true;
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function tellWhatIsMissing(error: NodeJS.ErrnoException): never {
  if (error.code !== "ENOENT") throw error;
  const detail = "there is no program mkfifo in the node's PATH: commands need it for their output";
  throw new Error(`${detail} (it is in coreutils, and in BusyBox)`, { cause: error });
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The folder is gone.
  }
}
