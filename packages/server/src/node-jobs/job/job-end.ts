import { NOT_BEGUN, type NodeFrames } from "@yardmaster/protocol/node";
import type { RemoteEnd } from "../../runners/index.ts";
import { collectedFlaw } from "../files/fetch-back.ts";
import type { JobEvent } from "./job.machine.ts";

/** What a result means for its job, where these files were asked of it. */
export function resultEvent(frame: NodeFrames["task_result"], globs: readonly string[]): JobEvent {
  if (globs.length === 0 || frame.status !== "succeeded")
    return { type: "ended", how: endOf(frame) };
  const error = collectedFlaw(globs, frame.files);
  if (error === undefined) return { type: "listed", result: frame };
  return { type: "ended", how: { kind: "not_handed_back", error, durationMs: frame.duration_ms } };
}

/** How the process ended, by its result. */
export function exitOf({ signal, exit_code, duration_ms }: NodeFrames["task_result"]) {
  return {
    kind: "exited",
    exitCode: signal === undefined ? exit_code : null,
    signal: signal ?? null,
    durationMs: duration_ms,
  } as const;
}

/** What became of a job, by the result that its node says. */
function endOf(frame: NodeFrames["task_result"]): RemoteEnd {
  const durationMs = frame.duration_ms;
  if (frame.status === "canceled") return { kind: "canceled", durationMs };
  if (frame.error === "exec_timeout") return { kind: "timed_out", durationMs };
  if (frame.error === undefined || (frame.error === "exec_failed" && hasRun(frame)))
    return exitOf(frame);
  if (frame.error === NOT_BEGUN)
    return { kind: "not_begun", why: frame.error_detail ?? "see to the machine" };
  if (frame.error === "limit_exceeded") {
    const message = `What it hands back is too much: ${frame.error_detail ?? "the node says no more"}.`;
    return { kind: "not_handed_back", error: { code: "limit_exceeded", message }, durationMs };
  }
  const detail = frame.error_detail === undefined ? "" : `: ${frame.error_detail}`;
  if (frame.error === "io_error" && hasRun(frame)) {
    const message = `Its files could not be handed back${detail}`;
    return { kind: "not_handed_back", error: { code: "io_error", message }, durationMs };
  }
  const message = `The node could not run it (${frame.error}${detail}).`;
  return { kind: "not_started", error: { code: "process_start", message } };
}

/** What could not be started has neither. */
function hasRun({ signal, exit_code }: NodeFrames["task_result"]): boolean {
  return signal !== undefined || exit_code >= 0;
}
