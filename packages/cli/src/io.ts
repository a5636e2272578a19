import { currentFolder } from "./current-folder.ts";
import { type InputStream, processInput } from "./input-stream.ts";
import { watchReader } from "./reader-watch.ts";

/** All that `yard` knows of the process around it; tests hand in their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readStdin(): Promise<string>;
  /** As it came: text may be what only looks like it. */
  readStdinBytes(): Promise<Uint8Array>;
  readonly stdin: InputStream;
  /** Unix milliseconds. */
  now(): number;
  /** Calls back on SIGINT and SIGTERM instead of ending; returns the way out. */
  onInterrupt(callback: (signal: NodeJS.Signals) => void): () => void;
  /**
   * From now on the process ends when nobody reads its stdout any more, and not only with its next line; Linux alone
   * tells. Returns the way out.
   */
  endWithReader(): () => void;
  /** Calls back when the terminal has another size; returns the way out. */
  onResize(callback: () => void): () => void;
}

/** The part of a writable stream that is used; the sizes are there on a terminal only. */
export interface OutputStream {
  /** False: it takes more only after `drain`. */
  write(text: string | Uint8Array): unknown;
  once?(event: "drain", callback: () => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export function processIo(): Io {
  leaveWhereNothingCanBeWritten();
  return {
    env: process.env,
    // Asked for when it is used: most of what is asked of a server by its address needs none.
    get cwd() {
      return currentFolder();
    },
    stdout: process.stdout,
    stderr: process.stderr,
    readStdin: async () => {
      const { text } = await import("node:stream/consumers");
      return text(process.stdin);
    },
    readStdinBytes: async () => {
      const { buffer } = await import("node:stream/consumers");
      return buffer(process.stdin);
    },
    stdin: processInput(),
    now: Date.now,
    onInterrupt: (callback) => {
      process.on("SIGINT", callback).on("SIGTERM", callback);
      return () => process.off("SIGINT", callback).off("SIGTERM", callback);
    },
    endWithReader: () => watchReader(leave),
    onResize: (callback) => {
      process.stdout.on("resize", callback);
      return () => process.stdout.off("resize", callback);
    },
  };
}

/** `yard runs | head` is no failure: the reader has what it wanted. A disk that is full is one. */
function leaveWhereNothingCanBeWritten(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") leave();
    process.stderr.write(`yard: what it has to say cannot be written: ${error.message}\n`);
    process.exit(1);
  });
}

function leave(): never {
  process.exit(0);
}
