import type { ProcessSpec } from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { handBack, layOut } from "../files/index.ts";
import { stoppedResult } from "../process/outcome.ts";
import type { RunAs } from "../run-as/run-as.ts";
import {
  type AttemptContext,
  type AttemptFacts,
  type AttemptResult,
  isWorkError,
  NOTHING_RAN,
  stopReason,
} from "../runner.ts";

/** For its files an attempt has so long beside its `timeout`, which is that of its process. */
export const FILES_SLACK_MS = 60_000;
/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type WithFiles = AttemptContext & Required<Pick<AttemptContext, "files">>;

/**
 * Runs an attempt in a work folder with the files that it is given, and hands back what it left there where it
 * succeeded.
 */
export async function amongFiles(
  spec: ProcessSpec,
  context: WithFiles,
  user: RunAs | undefined,
  run: () => Promise<AttemptResult>,
): Promise<AttemptResult> {
  const { files } = context;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), lastsMs(context));
  const signal = AbortSignal.any([context.signal, late.signal]);
  try {
    const flaw =
      files.given.length === 0
        ? undefined
        : await layOut(context.workFolder(), files, signal, user);
    if (flaw !== undefined) return unlessStopped(context, late.signal, NOTHING_RAN, flaw);
    const result = await run();
    if (spec.files === undefined || result.status !== "success") return result;
    const handed = await handBack(context.workFolder(), spec.files, files, signal, user);
    if (!isWorkError(handed)) return { ...result, files: handed };
    return unlessStopped(context, late.signal, result.facts, handed);
  } finally {
    clearTimeout(timer);
  }
}

function lastsMs({ timeoutMs }: AttemptContext): number {
  return Math.min(timeoutMs + FILES_SLACK_MS, LONGEST_TIMER_MS);
}

function unlessStopped(
  context: WithFiles,
  late: AbortSignal,
  facts: AttemptFacts,
  error: WorkError,
): AttemptResult {
  const { signal, timeoutMs } = context;
  if (signal.aborted) {
    return stoppedResult({ stopped: stopReason(signal), timeoutMs }, facts);
  }
  if (!late.aborted) return { status: "failed", error, facts };
  const message = `Its files were not all there after ${lastsMs(context) / 1000} s, a minute more than its timeout.`;
  return { status: "timed_out", error: { code: "timed_out", message }, facts };
}
