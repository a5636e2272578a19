import type { lineReader } from "./line-reader.ts";
import type { StartOrder, System, spawnChild } from "./start.ts";

/** What a spawner is told: lines of JSON, and an empty one to hear from it. */
export interface Told extends StartOrder {
  readonly id: number;
}

/**
 * What it answers: first the pid or why there is none, then the end. Lines of JSON, and an empty one when it is up and
 * for each that it is told.
 */
export type Said =
  | { readonly id: number; readonly pid: number }
  | { readonly id: number; readonly message: string; readonly code?: string | undefined }
  | { readonly id: number; readonly end: { code: number | null; signal: string | null } };

/** The node at the other end. */
export interface Line {
  setEncoding(encoding: "utf8"): unknown;
  on(event: "data", heard: (text: string) => void): unknown;
  on(event: "error" | "close", heard: () => void): unknown;
  write(text: string): unknown;
}

export interface ServeParts {
  readonly line: Line;
  readonly system: System;
  readonly start: typeof spawnChild;
  readonly reader: typeof lineReader;
  readonly leave: () => void;
}

/**
 * Starts processes as it is told, and says how they end. When the line ends, the node is gone: nobody hears of them, so
 * their groups are killed. Uses nothing but its arguments, since it runs where only its text is.
 */
export function serveStarts({ line, system, start, reader, leave }: ServeParts): void {
  const pids = new Set<number>();
  const waiting: Told[] = [];
  const say = (said: Said): void => void line.write(`${JSON.stringify(said)}\n`);

  const begin = (told: Told): void => {
    const { id } = told;
    const refuse = (error: Error & { code?: string }): void =>
      say({ id, message: error.message, code: error.code });
    try {
      const child = start(system, told);
      const { pid } = child;
      if (pid === undefined) return void child.once("error", refuse);
      pids.add(pid);
      say({ id, pid });
      child.once("exit", (code, signal) => {
        pids.delete(pid);
        say({ id, end: { code, signal } });
      });
    } catch (error) {
      refuse(error as Error);
    }
  };

  /** One in each turn of the event loop: a start blocks for most of a millisecond, and ends want to be told between. */
  const beginNext = (): void => {
    const next = waiting.shift();
    if (next === undefined) return;
    if (waiting.length > 0) setImmediate(beginNext);
    begin(next);
  };

  line.setEncoding("utf8");
  line.on(
    "data",
    reader((told) => {
      if (told === "") return void line.write("\n");
      if (waiting.push(JSON.parse(told)) === 1) setImmediate(beginNext);
    }),
  );
  line.on("error", () => {}); // `close` follows.
  line.on("close", () => {
    for (const pid of pids) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // Nobody is left in it.
      }
    }
    leave();
  });
  line.write("\n");
}
