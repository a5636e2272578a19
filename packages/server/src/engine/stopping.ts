import { AppError } from "@yardmaster/protocol";
import type { EngineDeps } from "./running-engine.types.ts";
import type { Assignment } from "./worker/assignment.ts";
import { LAST_GRACE_MS } from "./worker/worker.ts";

/** What PostgreSQL has not taken so long after what ran was broken off is given up: a stop must come to its end. */
const HAND_OVER_MS = 10_000;
const MOST_TOLD = 20;

export interface StoppingDeps {
  /** Takes nothing new and lets what runs end, for `graceMs`; what it came to is handed to the writer. */
  readonly drain: (graceMs: number) => Promise<void>;
  readonly breakOff: () => void;
  readonly running: () => readonly Assignment[];
  /** Nothing waits for PostgreSQL any more. */
  readonly giveUp: (why: AppError) => void;
  readonly log: Pick<EngineDeps["log"], "warn">;
}

/** The order in which this process's part of the engine stops, and the time that it has for it. */
export function createStopping(deps: StoppingDeps, handOverMs = HAND_OVER_MS) {
  let drained: Promise<void> | undefined;
  let handingOver: NodeJS.Timeout | undefined;
  let isAbandoned = false;
  let isHurried = false;

  /** PostgreSQL takes nothing: whoever looks after this process's leases has the work done again. */
  function giveUp(): void {
    const left = deps.running();
    deps.giveUp(new AppError("unavailable", "the server stopped before PostgreSQL took it"));
    deps.log.warn(
      { count: left.length, attempts: left.slice(0, MOST_TOLD).map(nameOf) },
      "stopping, though PostgreSQL does not take what these attempts came to: they are lost with this process, and run again",
    );
  }

  return {
    drain(graceMs: number): Promise<void> {
      if (!isAbandoned) handingOver ??= setTimeout(giveUp, graceMs + LAST_GRACE_MS + handOverMs);
      drained ??= deps.drain(graceMs);
      if (isHurried) deps.breakOff();
      return drained;
    },
    /** There is no grace, or no more of it. */
    hurry(): void {
      isHurried = true;
      if (drained === undefined) return;
      clearTimeout(handingOver);
      handingOver = setTimeout(giveUp, handOverMs);
      deps.breakOff();
    },
    /** Nothing can be written, now or later: what runs is broken off, and nothing waits. */
    abandon(why: AppError): void {
      isAbandoned = true;
      deps.giveUp(why);
      deps.breakOff();
    },
    /** All that is to be written is. */
    over: () => clearTimeout(handingOver),
  };
}

function nameOf({ runId, slot, number }: Assignment): string {
  return `${runId} ${slot}/${number}`;
}
