import { type StopReason, stopReason } from "../runner.ts";
import type { groupRuns, signalGroup } from "./process-group.ts";
import type { ProcessEnds, ProcessExit } from "./start.ts";

export interface Supervision {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly atOnce?: AbortSignal | undefined;
  readonly graceMs: number;
  readonly drainMs: number;
  readonly killWaitMs: number;
  readonly signalGroup: typeof signalGroup;
  readonly groupRuns: typeof groupRuns;
  /** The process has ended and its pipes are still open: they are read to their end without regard. */
  onDrain(): void;
}

/** How a started process ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  /** Why it was stopped; absent where it ended by itself. */
  readonly stopped?: "timeout" | StopReason;
  /** Others may have outlived it: the group was not empty, its pipes stayed open, or it was stopped. */
  readonly suspect: boolean;
  /** KILL did not end it. */
  readonly survived: boolean;
  /** How it ended cannot be known. */
  readonly lost: boolean;
}

/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 500;

/**
 * Sees a started process, the leader of its own group, to its end. Ended means `exit` and closed pipes, or
 * `exit` and a bounded drain: grandchildren may hold the pipes for ever, so `close` is never waited for alone.
 *
 * - running: until `exit`, the timeout or an abort.
 * - stopping: TERM has gone to the group (not for a lost lease); KILL follows after `graceMs`, or when that is cut short.
 * - tidying: it has ended of TERM, others of its group have not: the shell of a script dies at once, and what it had
 *   called is given the rest of the grace to tidy up.
 * - killed: until `exit`; given up after `killWaitMs`.
 * - draining: exited; until `close`, at most `drainMs`, then once more after the group was killed.
 *
 * The group is killed at the end, always: nothing of it outlives the attempt.
 */
export function supervise(child: ProcessEnds, pid: number, how: Supervision): Promise<Ending> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    let stopped: Ending["stopped"];
    let exit: ProcessExit | undefined;
    let pipesHeld = false;
    let isClosed = false;
    let isKilled = false;
    let isDraining = false;
    let endPause: (() => void) | undefined;

    const settle = (survived: boolean) => {
      clearTimeout(timer);
      const others = how.signalGroup(pid, "SIGKILL");
      resolve({
        exitCode: exit?.code ?? null,
        exitSignal: exit?.signal ?? null,
        ...(stopped && { stopped }),
        suspect: others || pipesHeld || stopped !== undefined || exit?.lost === true,
        survived,
        lost: exit?.lost === true,
      });
    };

    const kill = () => {
      clearTimeout(timer);
      isKilled = true;
      how.signalGroup(pid, "SIGKILL");
      endPause?.();
      if (exit !== undefined) return;
      timer = setTimeout(() => {
        deaf();
        child.letGo();
        settle(true);
      }, how.killWaitMs);
    };

    const stop = (why: NonNullable<Ending["stopped"]>) => {
      if (why === "lease_lost") {
        stopped ??= why;
        kill();
      } else if (!stopped) {
        stopped = why;
        clearTimeout(timer);
        how.signalGroup(pid, "SIGTERM");
        timer = setTimeout(kill, how.graceMs);
      }
    };

    const onAbort = () => stop(stopReason(how.signal));
    const onAtOnce = () => stop("lease_lost");
    const deaf = () => {
      how.signal.removeEventListener("abort", onAbort);
      how.atOnce?.removeEventListener("abort", onAtOnce);
    };

    const awaitTimeout = (restMs: number) => {
      const partMs = Math.min(restMs, LONGEST_TIMER_MS);
      timer = setTimeout(
        () => (restMs > partMs ? awaitTimeout(restMs - partMs) : stop("timeout")),
        partMs,
      );
    };

    const drainOnceMore = () => {
      pipesHeld = true;
      how.signalGroup(pid, "SIGKILL");
      timer = setTimeout(settle, how.drainMs, false);
    };

    const tidy = async () => {
      for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LAST_LOOK_MS)) {
        if (isKilled || !(await how.groupRuns(pid))) return;
        if (isKilled) return;
        await new Promise<void>((done) => {
          endPause = done;
          setTimeout(done, lookMs);
        });
      }
    };

    const drain = () => {
      clearTimeout(timer);
      deaf();
      isDraining = true;
      how.onDrain();
      if (isClosed) settle(false);
      else timer = setTimeout(drainOnceMore, how.drainMs);
    };

    void child.exited.then((given) => {
      exit = given;
      if (stopped === undefined || isKilled || given.lost === true) drain();
      else void tidy().then(drain, drain);
    });
    void child.closed.then(() => {
      isClosed = true;
      if (isDraining) settle(false);
    });

    awaitTimeout(how.timeoutMs);
    how.signal.addEventListener("abort", onAbort);
    how.atOnce?.addEventListener("abort", onAtOnce);
    if (how.signal.aborted) onAbort(); // It came between start and here: no event will tell.
  });
}
