import type { WorkError } from "@yardmaster/protocol";
import { type AttemptContext, type StopReason, stopReason, stopText } from "../runner.ts";
import type { Late } from "./end-text.ts";

/** Why a call is broken off from outside. */
export type Stop = "timeout" | StopReason;

export interface Stopping {
  /** Resolves when the call is to be broken off: at the end of its time, by a cancel, with a lost lease. */
  readonly reason: Promise<Stop>;
  /** The call has ended. */
  clear(): void;
}

/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createStop({
  signal,
  timeoutMs,
}: Pick<AttemptContext, "signal" | "timeoutMs">): Stopping {
  let clear = (): void => {};
  const reason = new Promise<Stop>((resolve) => {
    const onAbort = () => resolve(stopReason(signal));
    const timer = setTimeout(resolve, Math.min(timeoutMs, LONGEST_TIMER_MS), "timeout");
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    clear = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
  });
  return { reason, clear };
}

/** What an attempt that was broken off ends with. */
export function stoppedBy(
  stop: Stop,
  timeoutMs: number,
  { what, hint }: Late,
): { readonly status: "timed_out" | "canceled"; readonly error: WorkError } {
  if (stop === "timeout") {
    const message = `${what} within ${timeoutMs / 1000} s and was broken off.${hint}`;
    const details = { timeout_ms: timeoutMs };
    return { status: "timed_out", error: { code: "timed_out", message, details } };
  }
  return { status: "canceled", error: { code: "canceled", message: stopText(stop) } };
}

/** What a server is told of it. */
export function whyText(stop: Stop): string {
  if (stop === "shutdown") return "who called it is being stopped";
  return stop === "timeout" ? "it took too long" : "its run was canceled";
}
