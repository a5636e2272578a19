import { NODE_TIMES } from "@yardmaster/protocol/node";

/** The node keeps a job's time; this is for one that has forgotten the job. */
const SLACK_MS = 60_000;
/** Longer timers fire at once in Node. */
const LONGEST_MS = 2 ** 31 - 1;

/** When a job's node should have answered its offer, and when its process should have ended. One of both at a time. */
export function createJobDates(deps: {
  readonly isLinked: () => boolean;
  readonly onUnanswered: () => void;
  readonly onOverdue: () => void;
}) {
  let timer: NodeJS.Timeout | undefined;

  function awaitAnswer(): void {
    timer = setTimeout(
      () => (deps.isLinked() ? deps.onUnanswered() : awaitAnswer()),
      NODE_TIMES.offerMs,
    );
  }

  return {
    awaitAnswer,
    awaitEnd(timeoutMs: number): void {
      clearTimeout(timer);
      const mostMs = timeoutMs + SLACK_MS;
      if (mostMs <= LONGEST_MS) timer = setTimeout(deps.onOverdue, mostMs);
    },
    stop: (): void => clearTimeout(timer),
  };
}
