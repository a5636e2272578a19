import type { McpSpec } from "@yardmaster/kernel";
import { isOfMachine } from "@yardmaster/protocol";
import type { ProcessLimits } from "../limits.ts";
import { notBegunHere } from "../not-begun.ts";
import { type Capture, capture } from "../output/capture.ts";
import { maskedPipe } from "../output/masked-pipe.ts";
import { attemptEnvironment, type Environment, marksOf } from "../process/environment.ts";
import { leftBehindLine } from "../process/left-behind.ts";
import { killMarked } from "../process/orphans.ts";
import { lostResult } from "../process/outcome.ts";
import { groupRuns, signalGroup } from "../process/process-group.ts";
import type { OutputPipe, RunningProcess, StartProcess } from "../process/start.ts";
import { startError } from "../process/start-error.ts";
import { isLost, startMarked } from "../process/start-marked.ts";
import { STDERR_TAIL_BYTES } from "../process/stderr-tail.ts";
import type { Strays } from "../process/strays.ts";
import { type Ending, supervise } from "../process/supervise.ts";
import { idsOf, type RunAs } from "../run-as/run-as.ts";
import { handOver } from "../run-as/user-folders.ts";
import {
  type AttemptContext,
  type AttemptFacts,
  type AttemptResult,
  NOTHING_RAN,
} from "../runner.ts";

export interface ServerSetup {
  readonly start: StartProcess;
  /** What all processes inherit. */
  readonly base: Environment;
  readonly limits: ProcessLimits;
  readonly now: () => number;
  readonly runAs: RunAs | undefined;
  readonly strays: Strays;
}

/** A server that was started for one call, the leader of its own group. */
export interface ServerProcess {
  readonly stdout: OutputPipe;
  readonly stderr: Pick<Capture, "tail">;
  write(text: string): void;
  /** It is needed no longer: its stdin is closed, and where it does not go by itself then, TERM and KILL follow. */
  leave(): void;
  /** At once. */
  kill(): void;
  /** It has ended, with all that it started. Never rejects. */
  readonly ended: Promise<{ readonly ending: Ending; readonly facts: AttemptFacts }>;
}

/** As the protocol has it, a server goes when its stdin is closed; for so long that is waited for. */
const LEAVE_MS = 1_000;

/** Starts the server of an action, or says what its attempt ends with. @throws NotBegun */
export async function startServer(
  { command: [file = "", ...args] = [], cwd: where }: McpSpec,
  env: Environment,
  context: AttemptContext,
  setup: ServerSetup,
): Promise<ServerProcess | AttemptResult> {
  const cwd = where === "work" ? context.workFolder() : context.packFolder;
  if (setup.runAs !== undefined) handOver(context.workFolder(), setup.runAs);
  const start = {
    ...{ file, args, cwd, stdin: "", keepsStdin: true },
    env: attemptEnvironment(setup.base, env, context),
    ...idsOf(setup.runAs),
  };
  const marks = marksOf(context);
  const ended = setup.strays.begun(marks);
  const over = () => ended((killed) => context.onLateLog?.(leftBehindLine(killed, setup.now())));
  const child = await startMarked(setup.start, start, marks);
  if (child instanceof Error) {
    over();
    return notStarted(child, file, cwd);
  }
  context.onBegun?.();
  const server = attend(child, context, setup);
  void server.ended.then(over, over);
  return server;
}

function notStarted(child: Error, file: string, cwd: string): AttemptResult {
  if (isOfMachine(child)) throw notBegunHere(child);
  if (isLost(child)) return lostResult(NOTHING_RAN);
  return { status: "failed", error: startError(child, file, cwd), facts: NOTHING_RAN };
}

function attend(
  child: RunningProcess,
  context: AttemptContext,
  { limits, now }: ServerSetup,
): ServerProcess {
  const startedMs = performance.now();
  const stopping = new AbortController();
  const { masker } = context;
  const stderr = capture(
    masker === undefined ? child.stderr : maskedPipe(child.stderr, masker.stream()),
    {
      stream: "stderr",
      onLog: context.onLog,
      now,
      logLimitBytes: limits.outputLimitBytes,
      keepLimitBytes: 0,
      tailBytes: STDERR_TAIL_BYTES,
    },
  );
  let leaving: NodeJS.Timeout | undefined;

  async function untilEnd() {
    const ending = await supervise(child, child.pid, {
      ...limits,
      timeoutMs: Number.POSITIVE_INFINITY, // The call keeps the time.
      signal: stopping.signal,
      atOnce: context.atOnce,
      signalGroup,
      groupRuns,
      onDrain: stderr.hurry,
    });
    clearTimeout(leaving);
    child.stdout.destroy();
    stderr.end();
    const escaped = ending.suspect ? await killMarked(marksOf(context), child.pid) : 0;
    if (escaped > 0) void context.onLog(leftBehindLine(escaped, now()));
    const leftBehind = escaped + (ending.survived ? 1 : 0);
    const facts: AttemptFacts = {
      ...(ending.exitCode !== null && { exitCode: ending.exitCode }),
      ...(ending.exitSignal !== null && { signal: ending.exitSignal }),
      pid: child.pid,
      durationMs: Math.round(performance.now() - startedMs),
      stderrBytes: stderr.bytes(),
      ...(stderr.cut() && { stderrCut: true }),
      ...(leftBehind > 0 && { leftBehind }),
    };
    return { ending, facts };
  }

  return {
    stdout: child.stdout,
    stderr,
    write: (text) => child.writeStdin(text),
    leave() {
      if (leaving !== undefined) return;
      child.endStdin();
      leaving = setTimeout(() => stopping.abort("cancel"), LEAVE_MS);
    },
    kill: () => stopping.abort("lease_lost"),
    ended: untilEnd(),
  };
}
