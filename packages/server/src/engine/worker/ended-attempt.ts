import type { AttemptEnded } from "@yardmaster/kernel";
import { isAppError } from "@yardmaster/protocol";
import { isDefinitionMissing } from "../keeper/definition-of.ts";
import type { Posted } from "../keeper/posted.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { Assignment, Outcome } from "./assignment.ts";

/** Of an attempt that goes back as it came. */
export const NEVER_BEGUN = { givenBack: true, begun: false } as const;

/** An attempt's end as the run's journal takes it. `worker` is the session that had the lease. */
export function endedAttempt(
  { slot, number, leasedAt }: Assignment,
  { notBegun: _, ...outcome }: Outcome,
  facts: { readonly worker: string; readonly at: number; readonly random: number },
): AttemptEnded {
  return { type: "attempt_ended", slot, number, startedAt: leasedAt, ...facts, ...outcome };
}

export interface PostDeps {
  readonly post: (runId: string, event: AttemptEnded) => Promise<Posted>;
  readonly onError: (error: unknown, what: string) => void;
  /** Waits before an end is posted again; false where nobody is there to do so any more. */
  readonly again: () => Promise<boolean>;
}

const POST_AGAIN_MS = 1_000;

/** `again` of whoever posts for as long as it is open. */
export function postingWhile(isOpen: () => boolean, timers: Timers): PostDeps["again"] {
  return () => new Promise((next) => timers.after(POST_AGAIN_MS, () => next(isOpen())));
}

/**
 * Tells the run; where the store refuses the result, that the attempt failed with it. Where it refuses that too, it is
 * not the result that it minds: both are tried again, since nobody else ends an attempt whose lease is alive. Never
 * rejects; whether the result was taken.
 */
export async function postEnd(
  { post, onError, again }: PostDeps,
  runId: string,
  event: AttemptEnded,
): Promise<boolean> {
  do {
    try {
      await post(runId, event);
      return true;
    } catch (error) {
      if (isNotTried(error)) {
        onError(error, `the result of ${runId} ${event.slot}/${event.number} was not taken`);
        continue;
      }
      onError(error, `the result of ${runId} ${event.slot}/${event.number} could not be stored`);
    }
    try {
      await post(runId, failedOf(event));
      return false;
    } catch (error) {
      onError(error, `run ${runId} could not be told that its step failed`);
    }
  } while (await again());
  return false;
}

/** It was not even tried: too much waits for PostgreSQL already, the server stops, or the definition is not there now. */
function isNotTried(error: unknown): boolean {
  return (isAppError(error) && error.code === "unavailable") || isDefinitionMissing(error);
}

function failedOf({
  output: _,
  files: __,
  givenBack: ___,
  begun: ____,
  ...rest
}: AttemptEnded): AttemptEnded {
  const message = "the result could not be stored; see the server's log";
  return { ...rest, status: "failed", error: { code: "internal", message } };
}
