import { type ActionDefinition, givesFiles } from "@yardmaster/kernel";
import { fieldText, type Json, type StepFile, type WorkError } from "@yardmaster/protocol";
import {
  type AttemptFiles,
  type AttemptResult,
  type LogChunk,
  NOTHING_RAN,
  NotBegun,
  notBegun,
  type Runners,
  type WorkFolders,
} from "../../runners/index.ts";
import { spanOfAttempt, traceFrom, traceOfId } from "../trace/run-trace.ts";
import { traceStateOf } from "../trace/trace-state.ts";
import type { Assignment, Outcome } from "./assignment.ts";
import { NEVER_BEGUN } from "./ended-attempt.ts";

export interface CarryOutDeps {
  readonly runners: Runners;
  /**
   * Where the leases may be another's by now, resolves when that is known: this process may have been frozen since it
   * took the attempt. Left out: who gives the attempts out sees to it.
   */
  readonly sure?: (() => Promise<void> | undefined) | undefined;
  readonly packFolder: (packDigest: string) => Promise<string>;
  readonly workFolders: WorkFolders;
  /** The files of an attempt: what it is given, and where what it hands back is kept. */
  readonly filesOf: (runId: string, given: readonly StepFile[]) => AttemptFiles;
  /** Whether an attempt of the slot before this one was begun. */
  readonly wasBegunBefore: (assignment: Assignment) => Promise<boolean>;
  readonly sessionId: () => string;
  readonly log: (assignment: Assignment, chunk: LogChunk) => void | PromiseLike<void>;
  /** Of an attempt that has ended. */
  readonly logLate: (assignment: Assignment, chunk: LogChunk) => void;
  /** The spans of attempts are exported: what an attempt does is to hang below its own. */
  readonly isTraced?: boolean;
  /** Resolves when the attempt's log is stored. */
  readonly flushLog: (assignment: Assignment) => Promise<void> | undefined;
}

/**
 * Carries out a leased attempt with the runner of its action, and holds its output to the action's schema. Who gives
 * `onBegun`, which is called each time that a process has begun, is given attempts back that the machine cannot begin,
 * and must rest then, or it has them again at once.
 */
export function createCarryOut(deps: CarryOutDeps) {
  return function carryOut(
    assignment: Assignment,
    signal: AbortSignal,
    onBegun?: () => void,
    atOnce?: AbortSignal,
  ): Outcome | Promise<Outcome> {
    const { runner } = assignment.step.action;
    switch (runner.kind) {
      case "core":
        return outcomeOf(
          deps.runners.core(`core.${runner.name}`, assignment.input),
          assignment,
          signal,
        );
      case "process":
      case "agent":
      case "http":
      case "mcp":
      case "tracker":
      case "log":
        return work(assignment, signal, onBegun, atOnce).catch((error: unknown) =>
          error instanceof NotBegun && onBegun !== undefined ? returned(error) : broken(error),
        );
      case "timer":
        throw new Error("a timer is no work for a worker (t4m1)");
      case "ask":
        throw new Error("a question is no work for a worker (t4m4)");
      case "workflow":
        throw new Error("a child run is no work for a worker (t4m3)");
    }
  };

  async function work(
    assignment: Assignment,
    signal: AbortSignal,
    onBegun: (() => void) | undefined,
    atOnce: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { action, timeoutMs } = assignment.step;
    const leasedBy = deps.sessionId();
    const packFolder = await packFolderOf(action);
    const sure = deps.sure?.();
    if (sure !== undefined) await Promise.race([sure, aborted(signal)]);
    if (deps.sessionId() !== leasedBy) return { status: "lost", ...NEVER_BEGUN };
    let folder: string | undefined;
    let suspect = true;
    try {
      const result = await deps.runners.work(action, {
        runId: assignment.runId,
        step: assignment.slot,
        attempt: assignment.number,
        input: assignment.input,
        timeoutMs,
        session: deps.sessionId(),
        packFolder,
        workFolder: () => {
          folder ??= takeFolder();
          return folder;
        },
        ...attemptFiles(assignment),
        // In doubt it may have.
        mayHaveBegun: () => deps.wasBegunBefore(assignment).catch(() => true),
        trace: traceOf(assignment),
        traceState: traceStateOf(assignment.runId),
        idempotencyKey: assignment.idempotencyKey ?? `${assignment.runId}/${assignment.slot}`,
        signal,
        ...(atOnce !== undefined && { atOnce }),
        onLog: (chunk) => deps.log(assignment, chunk),
        onLateLog: (chunk) => deps.logLate(assignment, chunk),
        ...(onBegun !== undefined && { onBegun }),
      });
      suspect =
        result.status === "timed_out" ||
        result.status === "canceled" ||
        result.status === "lost" ||
        (result.facts.leftBehind ?? 0) > 0;
      await deps.flushLog(assignment);
      return outcomeOf(result, assignment, signal);
    } finally {
      if (folder !== undefined) void deps.workFolders.giveBack(folder, suspect);
    }
  }

  function takeFolder(): string {
    try {
      return deps.workFolders.take();
    } catch (error) {
      throw notBegun(error);
    }
  }

  /** Whoever exports no span of its own must not put one between: the run's is handed on as it is. */
  function traceOf({ traceparent, runId, slot, number }: Assignment): string {
    const trace = traceparent ?? traceOfId(runId);
    return deps.isTraced === true ? traceFrom(trace, spanOfAttempt(runId, slot, number)) : trace;
  }

  function attemptFiles({ runId, step, files }: Assignment): { readonly files?: AttemptFiles } {
    const isWithout = files === undefined && !givesFiles(step.action);
    return isWithout ? {} : { files: deps.filesOf(runId, files ?? []) };
  }

  /** Only processes, and servers of tools, run in the folder of their pack, which takes time to be there. */
  async function packFolderOf({ packDigest, runner, check }: ActionDefinition): Promise<string> {
    const isStarted = runner.kind === "mcp" && runner.command !== undefined;
    const isNeeded = runner.kind === "process" || isStarted || check !== undefined;
    if (packDigest === undefined || !isNeeded) return "";
    return await deps.packFolder(packDigest).catch((error: unknown) => {
      throw notBegun(error);
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function outcomeOf(result: AttemptResult, assignment: Assignment, signal: AbortSignal): Outcome {
  const outcome = judged(result, assignment, signal);
  // Of an instant attempt not a byte more is stored.
  return result.facts === NOTHING_RAN ? outcome : { ...outcome, facts: result.facts };
}

function judged(result: AttemptResult, assignment: Assignment, signal: AbortSignal): Outcome {
  if (result.status === "success") return checkOutput(result, assignment);
  if (result.status === "lost")
    return {
      status: "lost",
      ...(result.givenBack === true && { givenBack: true }),
      ...(result.begun === false && { begun: false }),
    };
  if (result.status === "canceled" && signal.reason === "lease_lost") return { status: "lost" };
  if (result.status === "canceled" && signal.reason === "shutdown")
    return { status: "lost", error: { ...result.error, code: "worker_lost" } };
  return { status: result.status, error: result.error };
}

function checkOutput(
  { output, files }: { readonly output: Json; readonly files?: readonly StepFile[] },
  assignment: Assignment,
): Outcome {
  const { action } = assignment.step;
  const checked = action.output?.validate(output);
  if (checked === undefined || checked.ok)
    return files === undefined
      ? { status: "success", output }
      : { status: "success", output, files };
  const first = checked.errors[0];
  const message = `the output of ${action.ref} does not fit its schema: ${fieldText(first?.path ?? "", first?.message ?? "")}`;
  return { status: "failed", error: { code: "invalid_output", message } };
}

function returned(why: NotBegun): Outcome {
  const error: WorkError = {
    code: "process_start",
    message: `It was given back: ${why.message}; ${why.wayOut}.`,
  };
  return { status: "lost", ...NEVER_BEGUN, error, notBegun: why };
}

function broken(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  const failure: WorkError = { code: "internal", message: `the runner broke: ${message}` };
  return { status: "failed", error: failure };
}
