import type { ProcessSpec } from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { DEFAULT_LIMITS } from "../limits.ts";
import { createLines } from "../output/lines.ts";
import { atHome, idsOf, type RunAs } from "../run-as/run-as.ts";
import { handOver } from "../run-as/user-folders.ts";
import { isWorkError, type StopReason } from "../runner.ts";
import { commandLineOf } from "./command-line.ts";
import { baseEnvironment, type Environment, processEnvironment } from "./environment.ts";
import { killMarked } from "./orphans.ts";
import { groupRuns, signalGroup } from "./process-group.ts";
import { type OutputPipe, type RunningProcess, type StartProcess, startHere } from "./start.ts";
import { startError } from "./start-error.ts";
import { startMarked } from "./start-marked.ts";
import { type Ending, supervise } from "./supervise.ts";

/** A line of one of its pipes, without its end; undefined where it was longer than may be. */
export type OnLine = (line: Buffer | undefined) => void;

export interface LastingStart {
  readonly spec: ProcessSpec;
  /** Its pack, unpacked, read-only. */
  readonly packFolder: string;
  /** An empty folder that is its own. */
  readonly workFolder: string;
  /** Variables by which it, and all that it starts, is found. */
  readonly marks: Environment;
  /** Written to its stdin, which stays open until it is to stop. */
  readonly greeting: string;
  readonly onStdout: OnLine;
  readonly onStderr: OnLine;
  /** It has ended, or closed its stdout: every whole line of it has been given. */
  readonly onStdoutEnd: () => void;
}

/** A process that runs until it is stopped, or ends by itself. */
export interface LastingProcess {
  readonly pid: number;
  readonly stdout: Pick<OutputPipe, "pause" | "resume">;
  readonly stderr: Pick<OutputPipe, "pause" | "resume">;
  /** Closes its stdin and sends TERM to its group, KILL after the grace; `lease_lost` is KILL at once. */
  stop(why: StopReason): void;
  /** Ends the grace of a stop. */
  kill(): void;
  /** It has ended, with all that it started, and every line has been given. Never rejects. */
  readonly ended: Promise<Ending>;
}

export interface LastingOptions {
  /** How processes are started: as children of this one unless given. */
  readonly start?: StartProcess;
  /** The worker's environment, from which it inherits what is allowed; `process.env` unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Whom they are run as; whoever runs this process unless given. */
  readonly runAs?: RunAs | undefined;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly maxLineBytes: number;
}

/** Starts processes that last, or says why one could not be. Never rejects. */
export type StartLasting = (start: LastingStart) => Promise<LastingProcess | WorkError>;

/** Its last lines count, and may have to come from a spawner that reads for others too. */
const DRAIN_MS = 2_000;

export function createLastingStarter(options: LastingOptions): StartLasting {
  const { start = startHere, environment = process.env, runAs } = options;
  const base = atHome(baseEnvironment(environment, process.platform), runAs);

  return async (given) => {
    const { spec, packFolder, workFolder, marks } = given;
    const line = commandLineOf(spec, packFolder);
    if (isWorkError(line)) return line;
    const cwd = spec.cwd === "work" ? workFolder : packFolder;
    const env = processEnvironment(base, spec.env, { work: workFolder, marks });
    const stdin = { stdin: given.greeting, keepsStdin: true };
    if (runAs !== undefined) handOver(workFolder, runAs);
    const child = await startMarked(start, { ...line, cwd, env, ...stdin, ...idsOf(runAs) }, marks);
    return child instanceof Error ? startError(child, line.file, cwd) : attend(child, given);
  };

  function attend(child: RunningProcess, given: LastingStart): LastingProcess {
    const { pid } = child;
    const stopping = new AbortController();
    // Before its data: what has ended already tells of its end as soon as it is read.
    child.stdout.on("end", given.onStdoutEnd);
    const out = readLines(child.stdout, given.onStdout);
    const err = readLines(child.stderr, given.onStderr);

    async function untilEnd(): Promise<Ending> {
      const ending = await supervise(child, pid, {
        ...DEFAULT_LIMITS,
        graceMs: options.graceMs,
        drainMs: DRAIN_MS,
        timeoutMs: Number.POSITIVE_INFINITY,
        signal: stopping.signal,
        signalGroup,
        groupRuns,
        // What the pipes hold is bounded once nobody writes any more.
        onDrain: () => {
          out.hurry();
          err.hurry();
        },
      });
      out.end();
      err.end();
      if (ending.suspect) await killMarked(given.marks, pid);
      return ending;
    }

    return {
      pid,
      stdout: out,
      stderr: err,
      stop(why) {
        child.endStdin();
        stopping.abort(why);
      },
      kill: () => void signalGroup(pid, "SIGKILL"),
      ended: untilEnd(),
    };
  }

  function readLines(pipe: OutputPipe, onLine: OnLine) {
    const lines = createLines(onLine, options.maxLineBytes);
    let isHurried = false;
    pipe.on("data", (chunk) => lines.write(chunk));
    pipe.on("error", () => {}); // A broken pipe is an ended pipe; unheard, it would end the worker.
    return {
      pause: () => (isHurried ? undefined : pipe.pause()),
      resume: () => pipe.resume(),
      hurry() {
        isHurried = true;
        pipe.resume();
      },
      end() {
        pipe.destroy();
        lines.end();
      },
    };
  }
}
