import { ChildProcess, spawn } from "node:child_process";
import { type Capture, capture } from "./capture.ts";
import { type CommandLine, commandLineOf } from "./command-line.ts";
import { attemptEnvironment, baseEnvironment, type Environment, marksOf } from "./environment.ts";
import { DEFAULT_LIMITS, type ProcessLimits } from "./limits.ts";
import { killMarked } from "./orphans.ts";
import { outcomeOf, STDERR_TAIL_BYTES, startError, stoppedResult } from "./outcome.ts";
import { readOutput, SURROUNDING_SPACE_BYTES } from "./output.ts";
import { signalGroup } from "./process-group.ts";
import type { ProcessSpec } from "./process-spec.ts";
import {
  type AttemptContext,
  type AttemptFacts,
  type AttemptResult,
  isWorkError,
  type Runner,
} from "./runner.ts";
import { type Ending, supervise } from "./supervise.ts";

export interface ProcessRunnerOptions extends Partial<ProcessLimits> {
  /** The worker's environment, from which children inherit what is allowed; `process.env` unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds, for log times. */
  readonly now?: () => number;
}

interface Setup {
  readonly base: Environment;
  readonly limits: ProcessLimits;
  readonly now: () => number;
}

const NOTHING_RAN: AttemptFacts = { durationMs: 0, stdoutBytes: 0, stderrBytes: 0 };

/** Runs actions as child processes: JSON in on stdin, the output on stdout, logs on stderr. */
export function createProcessRunner(options: ProcessRunnerOptions = {}): Runner<ProcessSpec> {
  const setup: Setup = {
    base: baseEnvironment(options.environment ?? process.env, process.platform),
    limits: limitsOf(options),
    now: options.now ?? Date.now,
  };
  return { run: (spec, context) => runProcess(spec, context, setup) };
}

/** What is not kept of stdout cannot be a result: the smaller limit holds for it. */
function limitsOf(options: ProcessRunnerOptions): ProcessLimits {
  const limits = { ...DEFAULT_LIMITS, ...options };
  const resultLimitBytes = Math.min(limits.resultLimitBytes, limits.outputLimitBytes);
  return { ...limits, resultLimitBytes };
}

async function runProcess(
  spec: ProcessSpec,
  context: AttemptContext,
  setup: Setup,
): Promise<AttemptResult> {
  if (context.signal.aborted) {
    const why = context.signal.reason === "lease_lost" ? "lease_lost" : "cancel";
    return stoppedResult(why, context.timeoutMs, false, NOTHING_RAN);
  }
  const line = commandLineOf(spec, context.packFolder);
  if (isWorkError(line)) return { status: "failed", error: line, facts: NOTHING_RAN };
  const env = attemptEnvironment(setup.base, spec.env, context);
  const cwd = spec.cwd === "work" ? context.workFolder() : context.packFolder;
  const child = await start(line, cwd, env);
  if (!isStarted(child)) {
    return { status: "failed", error: startError(child, line.file, cwd), facts: NOTHING_RAN };
  }
  return attend(child, spec, context, setup);
}

type Started = ChildProcess & {
  readonly pid: number;
  readonly stdin: NonNullable<ChildProcess["stdin"]>;
  readonly stdout: NonNullable<ChildProcess["stdout"]>;
  readonly stderr: NonNullable<ChildProcess["stderr"]>;
};

/** The started child, or why it could not be: some of Node's errors are thrown, others emitted. */
function start(line: CommandLine, cwd: string, env: Environment): Started | unknown {
  try {
    const child = spawn(line.file, line.args, {
      cwd,
      env,
      detached: process.platform !== "win32", // Its own process group.
      windowsHide: true,
    });
    if (child.pid !== undefined) return child;
    return new Promise((resolve) => child.once("error", resolve));
  } catch (error) {
    return error;
  }
}

function isStarted(child: unknown): child is Started {
  return child instanceof ChildProcess;
}

async function attend(
  child: Started,
  spec: ProcessSpec,
  context: AttemptContext,
  setup: Setup,
): Promise<AttemptResult> {
  const startedMs = performance.now();
  const { stdout, stderr } = captureBoth(child, spec, context, setup);
  feed(child, context);
  const ending = await supervise(child, child.pid, {
    ...setup.limits,
    timeoutMs: context.timeoutMs,
    signal: context.signal,
    signalGroup,
    onDrain: () => {
      stdout.hurry();
      stderr.hurry();
    },
  });
  const durationMs = Math.round(performance.now() - startedMs);
  stdout.end();
  stderr.end();
  const escaped = ending.suspect ? await killMarked(marksOf(context), child.pid) : 0;
  const leftBehind = escaped + (ending.survived ? 1 : 0);
  return outcomeOf(ending, factsOf(child.pid, ending, durationMs, leftBehind, stdout, stderr), {
    timeoutMs: context.timeoutMs,
    stderrTail: stderr.tail,
    output: () => readOutput(spec.output, stdout, setup.limits.resultLimitBytes),
  });
}

function captureBoth(child: Started, spec: ProcessSpec, context: AttemptContext, setup: Setup) {
  const { resultLimitBytes, outputLimitBytes } = setup.limits;
  const keepLimitBytes = Math.min(resultLimitBytes + SURROUNDING_SPACE_BYTES, outputLimitBytes);
  const common = { onLog: context.onLog, now: setup.now, logLimitBytes: outputLimitBytes };
  return {
    stdout: capture(child.stdout, {
      ...common,
      stream: "stdout",
      keepLimitBytes: spec.output === "none" ? 0 : keepLimitBytes,
      tailBytes: 0,
    }),
    stderr: capture(child.stderr, {
      ...common,
      stream: "stderr",
      keepLimitBytes: 0,
      tailBytes: STDERR_TAIL_BYTES,
    }),
  };
}

/** A child that closes its stdin, or ends without reading it, breaks the pipe: its right, and no error. */
function feed(child: Started, { input }: AttemptContext): void {
  child.stdin.on("error", ignore);
  // With a line end, or `read` of a shell, which wants one, fails.
  child.stdin.write(`${JSON.stringify(input)}\n`);
  // What fits into the pipe is there by now: closing it spares the shutdown of a stream.
  if (child.stdin.writableLength === 0) child.stdin.destroy();
  else child.stdin.end();
}

function ignore(): void {}

function factsOf(
  pid: number,
  ending: Ending,
  durationMs: number,
  leftBehind: number,
  stdout: Capture,
  stderr: Capture,
): AttemptFacts {
  return {
    ...(ending.exitCode !== null && { exitCode: ending.exitCode }),
    ...(ending.exitSignal !== null && { signal: ending.exitSignal }),
    pid,
    durationMs,
    stdoutBytes: stdout.bytes(),
    stderrBytes: stderr.bytes(),
    ...(stdout.cut() && { stdoutCut: true }),
    ...(stderr.cut() && { stderrCut: true }),
    ...(leftBehind > 0 && { leftBehind }),
  };
}
