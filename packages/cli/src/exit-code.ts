import type { Run } from "@yardmaster/protocol";
import { ERRORS, type RunStatus } from "@yardmaster/protocol/core";

const BY_STATUS = {
  success: 0,
  failed: 1,
  timed_out: ERRORS.timed_out.exit,
  canceled: ERRORS.canceled.exit,
  // Not ended: where that is a failure (a wait that ran out), the command says so itself.
  queued: 0,
  running: 0,
  waiting: 0,
} as const satisfies Record<RunStatus, number>;

/** What `yard` exits with when this run is what it was asked for. */
export function exitCodeOf(run: Pick<Run, "status">): number {
  return BY_STATUS[run.status];
}
