import type { AttemptEnded } from "@yardmaster/kernel";
import type { Posted } from "../keeper/posted.ts";
import type { Assignment, Outcome } from "./assignment.ts";

/** An attempt's end as the run's journal takes it. `worker` is the session that had the lease. */
export function endedAttempt(
  { slot, number, leasedAt }: Assignment,
  outcome: Outcome,
  facts: { readonly worker: string; readonly at: number; readonly random: number },
): AttemptEnded {
  return { type: "attempt_ended", slot, number, startedAt: leasedAt, ...facts, ...outcome };
}

export interface PostDeps {
  readonly post: (runId: string, event: AttemptEnded) => Promise<Posted>;
  readonly onError: (error: unknown, what: string) => void;
}

/** Tells the run; where the store refuses the result, that the attempt failed with it. Never rejects; whether the result was taken. */
export async function postEnd(
  { post, onError }: PostDeps,
  runId: string,
  event: AttemptEnded,
): Promise<boolean> {
  try {
    await post(runId, event);
    return true;
  } catch (error) {
    onError(error, `the result of ${runId} ${event.slot}/${event.number} could not be stored`);
    const message = "the result could not be stored; see the server's log";
    const { output: _, files: __, givenBack: ___, ...rest } = event;
    const failed: AttemptEnded = {
      ...rest,
      status: "failed",
      error: { code: "internal", message },
    };
    await post(runId, failed).catch((again: unknown) =>
      onError(again, `run ${runId} could not be told that its step failed`),
    );
    return false;
  }
}
