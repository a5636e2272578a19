import type { Run } from "@yardmaster/protocol";
import type { ToolCall } from "./tool.ts";

/** Under the 60 s after which clients and proxies give up an answer. */
export const MAX_WAIT_S = 50;
/** So often whoever waits is told how far it is, and the run is looked at: whether it asks somebody something. */
const LOOK_MS = 2_000;

/** Resolves with the run once it has ended; undefined when the time is over, or `signal` aborts. */
export type WaitForEnd = (
  id: string,
  withinMs: number,
  signal: AbortSignal,
) => Promise<Run | undefined>;

export interface WaitOptions {
  readonly seconds: number;
  readonly waitForEnd: WaitForEnd;
  /** The run as it is now; undefined where the caller may not see it before it has ended. */
  readonly look: () => Promise<Run | undefined>;
}

/**
 * The run as it is when it has ended, when it waits for somebody's answer, when the time is over, or when nobody waits
 * any more: what has begun goes on in each case.
 */
export async function waitForRun(
  run: Run,
  { seconds, waitForEnd, look }: WaitOptions,
  { signal, progress }: Pick<ToolCall, "signal" | "progress">,
): Promise<Run> {
  const startedMs = performance.now();
  const waitMs = seconds * 1_000;
  let now = run;
  for (;;) {
    const leftMs = waitMs - (performance.now() - startedMs);
    if (isEnded(now) || asksSomebody(now) || leftMs <= 0 || signal.aborted) return now;
    const ended = await waitForEnd(run.id, Math.min(leftMs, LOOK_MS), signal);
    // A server that stops takes no more questions, not even its own.
    if (ended === undefined && signal.aborted) return now;
    now = ended ?? (await look()) ?? now;
    const done = Math.min(seconds, Math.round((performance.now() - startedMs) / 100) / 10);
    await progress?.({ done, total: seconds, message: stateOf(now) });
  }
}

export function isEnded({ finished_at }: Run): boolean {
  return finished_at !== null;
}

/** As the record of a run says it: an answer may take days. */
function asksSomebody({ status, reason }: Run): boolean {
  return status === "waiting" && reason !== null && reason.startsWith("waits for an");
}

function stateOf({ status, reason }: Run): string {
  return reason === null ? `the run is ${status}` : `the run is ${status}: ${reason}`;
}

/** What to do about a run, for a model. */
export function nextOfRun(run: Run): string | undefined {
  if (asksSomebody(run))
    return "a person has to answer; see list_inquiries with this run, and answer_inquiry where it is yours to answer.";
  if (!isEnded(run))
    return `it goes on by itself; get_run with wait_seconds waits for its end, and explain says why it does not move.`;
  if (run.status === "success") return undefined;
  return "get_run_logs shows what its steps wrote, get_run_steps which of them failed, explain why; retry_run tries it again.";
}
