import type { StreamName } from "@yardmaster/protocol/node";
import type { Refusal } from "../refusal.ts";

/** How a command ended, by whatever means it was carried out. */
export interface CarriedEnd {
  /** −1: it did not run, or a signal ended it. */
  readonly exitCode: number;
  readonly signal?: string;
  /** Where its shell stands. */
  readonly cwd?: string;
  readonly shellRestarted?: boolean;
  /** It could not be carried out. */
  readonly refusal?: Refusal;
}

/** A command that runs: in the shell of a session, by itself, or in a terminal. */
export interface Carried {
  /** It has ended and its output has been read. Never rejects. */
  readonly ended: Promise<CarriedEnd>;
  /** Stops reading its output: it blocks once its pipe is full. */
  pause(): void;
  resume(): void;
  /** TERM, grace, KILL to all of its processes. Resolves when none is left, with the signal that it took. */
  stop(graceMs: number): Promise<"SIGTERM" | "SIGKILL">;
  readonly input?: CarriedInput;
  resize?(cols: number, rows: number): void;
}

export interface CarriedInput {
  /** Resolves when the command's pipe or terminal has taken all of it, or nobody is there to read it. Never rejects. */
  write(bytes: Buffer): Promise<void>;
  /** No more comes after what was written. */
  end(): void;
}

export type OnOutput = (stream: StreamName, bytes: Buffer) => void;

/** What never ran, as a call that has ended. */
export function notCarried(refusal: Refusal): Carried {
  return {
    ended: Promise.resolve({ exitCode: -1, refusal }),
    pause() {},
    resume() {},
    stop: () => Promise.resolve("SIGTERM"),
  };
}
