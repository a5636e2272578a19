import type { Io } from "../io.ts";
import { main } from "../main.ts";
import { createTestInput, type TestConsole } from "./test-console.ts";

export interface YardCall {
  readonly exitCode: number;
  /** The same as `stdout`, byte for byte. */
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallSurroundings {
  readonly env?: Io["env"];
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** A terminal of this size instead of a pipe. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** stdin is a terminal. */
  readonly isTyped?: boolean;
  /** Given what stands for the person or program before `yard`; without it stdin is `stdin`, and then ends. */
  readonly onConsole?: (console: TestConsole) => void;
  /** Told of everything on stdout as it comes; `interrupt` is Ctrl-C. */
  readonly onStdout?: (text: string, interrupt: () => void) => void;
}

/** One call of `yard` in this process, with its own streams, environment and Ctrl-C. */
export async function callYard(
  argv: readonly string[],
  surroundings: CallSurroundings = {},
): Promise<YardCall> {
  const { env = {}, cwd = "/", stdin = "", terminal, onStdout } = surroundings;
  const written: { stdout: Uint8Array[]; stderr: string } = { stdout: [], stderr: "" };
  const handlers = surroundingHandlers();
  const input = createTestInput(surroundings.isTyped === true, (isRaw) => {
    handlers.isRaw = isRaw;
  });
  const size = { ...terminal };
  const io: Io = {
    env,
    cwd,
    stdout: {
      ...(terminal === undefined ? {} : { isTTY: true }),
      get columns() {
        return size.columns as number;
      },
      get rows() {
        return size.rows as number;
      },
      write: (text) => {
        written.stdout.push(Buffer.from(text as Uint8Array));
        onStdout?.(Buffer.from(text as Uint8Array).toString(), handlers.interrupt);
      },
    },
    stderr: {
      write: (text) => {
        written.stderr += text;
      },
    },
    readStdin: async () => Buffer.from(stdin as Uint8Array).toString(),
    readStdinBytes: async () => Buffer.from(stdin as Uint8Array),
    stdin: input.input,
    now: () => Date.parse("2026-01-01T01:00:00.000Z"),
    onInterrupt: (callback) => handlers.set("onInterrupt", () => callback("SIGINT")),
    endWithReader: () => () => {},
    onResize: (callback) => handlers.set("onResize", callback),
  };
  if (surroundings.onConsole === undefined) {
    if (typeof stdin === "string" && stdin !== "") input.type(stdin);
    input.end();
  }
  surroundings.onConsole?.({
    type: input.type,
    end: input.end,
    interrupt: handlers.interrupt,
    resize: (given) => {
      Object.assign(size, given);
      handlers.resize();
    },
    get isRaw() {
      return handlers.isRaw;
    },
  });
  const exitCode = await main(argv, io);
  const bytes = Buffer.concat(written.stdout);
  return { exitCode, bytes, stdout: bytes.toString(), stderr: written.stderr };
}

/** Who listens to Ctrl-C and to a new size: the last one. */
function surroundingHandlers() {
  const listeners: Partial<Record<"onInterrupt" | "onResize", () => void>> = {};
  return {
    isRaw: false,
    interrupt: () => listeners.onInterrupt?.(),
    resize: () => listeners.onResize?.(),
    set(name: keyof typeof listeners, callback: () => void): () => void {
      listeners[name] = callback;
      return () => {
        delete listeners[name];
      };
    },
  };
}
