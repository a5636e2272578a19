import type { StepFile, WorkError } from "@yardmaster/protocol";
import type { AttemptFiles } from "../files/index.ts";
import type { Environment } from "../process/environment.ts";
import type { OutputPipe } from "../process/start.ts";
import type { AttemptContext } from "../runner.ts";

/** What a remote machine is asked to run. Paths in it are of the pack; where that is, the machine knows. */
export interface RemoteStart {
  /** With an interpreter, or where it is a file of the pack, the first is a path inside the pack; else a program. */
  readonly argv: readonly string[];
  /** A program that the machine finds by itself: `node`, `python`, `sh`. */
  readonly interpreter?: string;
  /** On top of what the machine gives all its processes. */
  readonly env: Environment;
  readonly cwd: "pack" | "work";
  readonly stdin: string;
  /** Content of the file that YARD_INPUT_FILE and `{input_file}` name, where the input comes so. */
  readonly inputFile?: string;
  readonly timeoutMs: number;
  /** The unpacked pack on this machine, whose files go along; "" where there is none. */
  readonly packFolder: string;
  /** What goes into its work folder, and the globs of what comes back out of it. */
  readonly files?: { readonly attempt: AttemptFiles; readonly globs: readonly string[] };
}

/** How a remote process ended, as far as can be known. */
export type RemoteEnd =
  | {
      readonly kind: "exited";
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly durationMs: number;
      /** What it handed back, stored. */
      readonly files?: readonly StepFile[];
    }
  /** It succeeded, and what it was to hand back is missing, too much, or could not be brought here. */
  | { readonly kind: "not_handed_back"; readonly error: WorkError; readonly durationMs: number }
  | { readonly kind: "timed_out" | "canceled"; readonly durationMs: number }
  /** Nothing of it ran. */
  | { readonly kind: "not_started"; readonly error: WorkError }
  /** The machine took it, and could not begin it for a reason of its own, which `why` tells with the way out. */
  | { readonly kind: "not_begun"; readonly why: string }
  /**
   * The machine would not take it now: somebody else may have it, without blame. Where it did not say so itself, it may
   * have begun it all the same, and has killed it since.
   */
  | { readonly kind: "given_back"; readonly isRefused: boolean }
  /** The machine, or its hold on the work, is gone; nothing of it runs any more. */
  | { readonly kind: "lost" };

export interface RemoteProcess {
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  /** After all of its output was handed to the pipes. */
  readonly ended: Promise<RemoteEnd>;
  /** Asks for its end; `ended` says when. */
  stop(reason: "cancel" | "lease_lost"): void;
}

/** Starts a process on a remote machine. Never throws: what goes wrong is its end. Calls `onBegun` when it runs. */
export type StartRemote = (
  start: RemoteStart,
  context: Pick<AttemptContext, "runId" | "step" | "attempt" | "onBegun">,
) => RemoteProcess;
