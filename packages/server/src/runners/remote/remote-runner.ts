import type { ProcessSpec } from "@yardmaster/kernel";
import { ownTurn } from "../../json/index.ts";
import { limitsOf, type ProcessLimits } from "../limits.ts";
import { NotBegun } from "../not-begun.ts";
import { readOutput } from "../output/output.ts";
import { captureBoth, type ProcessOutput, printedFacts } from "../output/process-output.ts";
import { attemptMarks } from "../process/environment.ts";
import { lostResult, outcomeOf, stoppedResult } from "../process/outcome.ts";
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
import type { RemoteEnd, RemoteProcess, StartRemote } from "./remote.types.ts";
import { remoteLineOf } from "./remote-line.ts";

export interface RemoteRunnerOptions extends Partial<ProcessLimits> {
  readonly start: StartRemote;
  /** Unix milliseconds, for log times. */
  readonly now?: () => number;
}

/**
 * Runs process actions on another machine: what they print is logged, bounded and read as of a process here, and how
 * they end means the same. The time is kept over there, where it counts also while nobody can hear of it.
 */
export function createRemoteRunner(options: RemoteRunnerOptions): Runner<ProcessSpec> {
  const { start, now = Date.now, ...given } = options;
  const limits = limitsOf(given);

  async function run(spec: ProcessSpec, context: AttemptContext): Promise<AttemptResult> {
    if (context.talk !== undefined) throw new Error("nobody speaks with a process there (r4t2)");
    const line = remoteLineOf(spec);
    if (isWorkError(line)) return { status: "failed", error: line, facts: NOTHING_RAN };
    const input = stdinOf(spec, inputOf(context));
    const isFile = spec.inputAs === "file";
    const remote = start(
      {
        ...line,
        env: { ...spec.env, ...attemptMarks(context) },
        cwd: spec.cwd ?? "pack",
        stdin: isFile ? "" : input,
        ...(isFile ? { inputFile: input } : {}),
        timeoutMs: context.timeoutMs,
        packFolder: context.packFolder,
        ...(context.files === undefined
          ? {}
          : { files: { attempt: context.files, globs: spec.files ?? [] } }),
      },
      context,
    );
    return await attend(remote, spec, context);
  }

  async function attend(
    remote: RemoteProcess,
    spec: ProcessSpec,
    context: AttemptContext,
  ): Promise<AttemptResult> {
    const output = captureBoth(remote, spec, { ...context, now, limits });
    const onAbort = (): void =>
      remote.stop(stopReason(context.signal) === "lease_lost" ? "lease_lost" : "cancel");
    context.signal.addEventListener("abort", onAbort);
    if (context.signal.aborted) onAbort();
    const end = await remote.ended;
    context.signal.removeEventListener("abort", onAbort);
    // What came before the end is here, and must not wait for the log.
    for (const stream of [output.stdout, output.stderr]) {
      stream.hurry();
      stream.end();
    }
    await ownTurn(output.stdout.bytes());
    return resultOf(end, { spec, context, output });
  }

  function resultOf(
    end: RemoteEnd,
    from: {
      readonly spec: ProcessSpec;
      readonly context: AttemptContext;
      readonly output: ProcessOutput;
    },
  ): AttemptResult {
    const { spec, context, output } = from;
    const factsOf = (durationMs: number): AttemptFacts => ({
      durationMs,
      ...printedFacts(output),
    });
    switch (end.kind) {
      case "not_started":
        return { status: "failed", error: end.error, facts: NOTHING_RAN };
      case "not_begun":
        throw new NotBegun("its node could not begin its process", end.why);
      case "given_back":
        return {
          ...lostResult(NOTHING_RAN),
          givenBack: true,
          ...(end.isRefused && { begun: false }),
        };
      case "lost":
        return lostResult(factsOf(0));
      case "not_handed_back": {
        const status = end.error.code === "timed_out" ? "timed_out" : "failed";
        return { status, error: end.error, facts: factsOf(end.durationMs) };
      }
      case "timed_out":
      case "canceled": {
        const stopped = end.kind === "timed_out" ? "timeout" : "cancel";
        const { timeoutMs } = context;
        return stoppedResult({ stopped, timeoutMs }, factsOf(end.durationMs));
      }
      case "exited": {
        const { exitCode, signal, durationMs } = end;
        const ending = { exitCode, exitSignal: signal as NodeJS.Signals | null };
        const facts: AttemptFacts = {
          ...factsOf(durationMs),
          ...(exitCode !== null && { exitCode }),
          ...(signal !== null && { signal }),
        };
        const whole = { ...ending, suspect: false, survived: false, lost: false };
        const result = outcomeOf(whole, facts, {
          timeoutMs: context.timeoutMs,
          stderrTail: output.stderr.tail,
          output: () => readOutput(spec.output, output.stdout, limits.resultLimitBytes),
        });
        const hasFiles = result.status === "success" && end.files !== undefined;
        return hasFiles ? { ...result, files: end.files } : result;
      }
    }
  }

  return { run };
}
