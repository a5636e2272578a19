import type { ProcessSpec } from "@yardmaster/kernel";
import { isOfMachine } from "@yardmaster/protocol";
import { ownTurn } from "../../json/index.ts";
import { limitsOf, type ProcessLimits } from "../limits.ts";
import { notBegunHere } from "../not-begun.ts";
import { amongFiles } from "../output/among-files.ts";
import { readOutput } from "../output/output.ts";
import { captureBoth, type ProcessOutput, printedFacts } from "../output/process-output.ts";
import { atHome, idsOf, type RunAs } from "../run-as/run-as.ts";
import { handOver } from "../run-as/user-folders.ts";
import {
  type AttemptContext,
  type AttemptFacts,
  type AttemptResult,
  isWorkError,
  NOTHING_RAN,
  type Runner,
  stopReason,
} from "../runner.ts";
import { inputOf, stdinOf } from "../stdin.ts";
import { writeInputFile } from "../work-folder/input-file.ts";
import { type CommandLine, commandLineOf } from "./command-line.ts";
import { attemptEnvironment, baseEnvironment, type Environment, marksOf } from "./environment.ts";
import { leftBehindLine } from "./left-behind.ts";
import { killMarked } from "./orphans.ts";
import { lostResult, outcomeOf, stoppedResult } from "./outcome.ts";
import { groupRuns, signalGroup } from "./process-group.ts";
import { type RunningProcess, type StartProcess, startHere } from "./start.ts";
import { startError } from "./start-error.ts";
import { isLost, startMarked } from "./start-marked.ts";
import { createStrays, type Strays } from "./strays.ts";
import { type Ending, supervise } from "./supervise.ts";

export interface ProcessRunnerOptions extends Partial<ProcessLimits> {
  /** The worker's environment, from which children inherit what is allowed; `process.env` unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds, for log times. */
  readonly now?: () => number;
  /** How processes are started: as children of this one unless given (see `createSpawners`). */
  readonly start?: StartProcess;
  /** Whom they are run as; whoever runs this process unless given. */
  readonly runAs?: RunAs | undefined;
  /** Ends what attempts leave behind; one of its own unless given. */
  readonly strays?: Strays;
}

interface Setup {
  readonly start: StartProcess;
  readonly base: Environment;
  readonly limits: ProcessLimits;
  readonly now: () => number;
  readonly runAs: RunAs | undefined;
  readonly strays: Strays;
}

/** Runs actions as child processes: JSON in on stdin or in a file, the output on stdout, logs on stderr. */
export function createProcessRunner(options: ProcessRunnerOptions = {}): Runner<ProcessSpec> {
  const setup: Setup = {
    base: atHome(
      baseEnvironment(options.environment ?? process.env, process.platform),
      options.runAs,
    ),
    limits: limitsOf(options),
    now: options.now ?? Date.now,
    start: options.start ?? startHere,
    runAs: options.runAs,
    strays: options.strays ?? createStrays(),
  };
  return { run: (spec, context) => runProcess(spec, context, setup) };
}

async function runProcess(
  spec: ProcessSpec,
  context: AttemptContext,
  setup: Setup,
): Promise<AttemptResult> {
  const { signal, timeoutMs } = context;
  if (signal.aborted) return stoppedResult({ stopped: stopReason(signal), timeoutMs }, NOTHING_RAN);
  const line = commandLineOf(spec, context.packFolder);
  if (isWorkError(line)) return { status: "failed", error: line, facts: NOTHING_RAN };
  if (context.files === undefined) return await start(line, spec, context, setup);
  return await amongFiles(spec, { ...context, files: context.files }, setup.runAs, () =>
    start(line, spec, context, setup),
  );
}

async function start(
  line: CommandLine,
  spec: ProcessSpec,
  context: AttemptContext,
  setup: Setup,
): Promise<AttemptResult> {
  const input = inputOf(context);
  if (spec.inputAs !== "file") {
    return await begin({ ...line, stdin: stdinOf(spec, input) }, spec, context, setup);
  }
  const file = writeInputFile(context.workFolder(), input, setup.runAs);
  if (isWorkError(file)) return { status: "failed", error: file, facts: NOTHING_RAN };
  try {
    const given = { ...file.pointTo(line), env: file.env, stdin: "" };
    return await begin(given, spec, context, setup);
  } finally {
    file.remove();
  }
}

/** What an attempt starts, with its input; `env` comes on top of that of every attempt. */
type Given = CommandLine & { readonly stdin: string; readonly env?: Environment };

async function begin(
  given: Given,
  spec: ProcessSpec,
  context: AttemptContext,
  setup: Setup,
): Promise<AttemptResult> {
  const { file, args, stdin } = given;
  const env = { ...attemptEnvironment(setup.base, spec.env, context), ...given.env };
  const cwd = spec.cwd === "work" ? context.workFolder() : context.packFolder;
  if (setup.runAs !== undefined) handOver(context.workFolder(), setup.runAs);
  const startedMs = performance.now();
  const isTalk = context.talk !== undefined;
  const own = isTalk ? { stdin: "", keepsStdin: true } : { stdin };
  const start = { file, args, cwd, env, ...own, ...idsOf(setup.runAs) };
  const marks = marksOf(context);
  const ended = setup.strays.begun(marks);
  try {
    const child = await startMarked(setup.start, start, marks);
    if (child instanceof Error) return notStarted(child, file, cwd);
    context.onBegun?.();
    return await attend(child, spec, context, setup, startedMs);
  } finally {
    ended((killed) => context.onLateLog?.(leftBehindLine(killed, setup.now())));
  }
}

function notStarted(child: Error, file: string, cwd: string): AttemptResult {
  if (isOfMachine(child)) throw notBegunHere(child);
  if (isLost(child)) return lostResult(NOTHING_RAN);
  return { status: "failed", error: startError(child, file, cwd), facts: NOTHING_RAN };
}

async function attend(
  child: RunningProcess,
  spec: ProcessSpec,
  context: AttemptContext,
  setup: Setup,
  startedMs: number,
): Promise<AttemptResult> {
  const { now, limits } = setup;
  const output = captureBoth(child, spec, { ...context, now, limits });
  const { stdout, stderr } = output;
  context.talk?.begun({ write: (text) => child.writeStdin(text), end: () => child.endStdin() });
  const ending = await supervise(child, child.pid, {
    ...limits,
    timeoutMs: context.timeoutMs,
    signal: stopSignal(context),
    atOnce: context.atOnce,
    signalGroup,
    groupRuns,
    onDrain: () => {
      stdout.hurry();
      stderr.hurry();
    },
  });
  const durationMs = Math.round(performance.now() - startedMs);
  stdout.end();
  stderr.end();
  const escaped = ending.suspect ? await killMarked(marksOf(context), child.pid) : 0;
  if (escaped > 0) void context.onLog(leftBehindLine(escaped, now()));
  const leftBehind = escaped + (ending.survived ? 1 : 0);
  await ownTurn(stdout.bytes());
  const facts = factsOf(ending, { pid: child.pid, durationMs, leftBehind, output });
  if (context.talk?.isOver() === true && wentOrWasSent(ending))
    return { status: "success", output: null, facts };
  return outcomeOf(ending, facts, {
    timeoutMs: context.timeoutMs,
    stderrTail: stderr.tail,
    output: () => readOutput(spec.output, stdout, limits.resultLimitBytes),
  });
}

function stopSignal({ signal, talk }: AttemptContext): AbortSignal {
  return talk === undefined ? signal : AbortSignal.any([signal, talk.dismissed]);
}

/** It has ended by itself, or as it was told to: not at the end of its time, and not with its lease. */
function wentOrWasSent({ stopped, lost, survived }: Ending): boolean {
  return (stopped === undefined || stopped === "cancel") && !lost && !survived;
}

interface Measured {
  readonly pid: number;
  readonly durationMs: number;
  readonly leftBehind: number;
  readonly output: ProcessOutput;
}

function factsOf(ending: Ending, measured: Measured): AttemptFacts {
  const { pid, durationMs, leftBehind, output } = measured;
  return {
    ...(ending.exitCode !== null && { exitCode: ending.exitCode }),
    ...(ending.exitSignal !== null && { signal: ending.exitSignal }),
    pid,
    durationMs,
    ...printedFacts(output),
    ...(leftBehind > 0 && { leftBehind }),
  };
}
