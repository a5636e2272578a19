import type { Assignment, Outcome } from "../src/engine/worker/assignment.ts";
import { NEVER_BEGUN } from "../src/engine/worker/ended-attempt.ts";
import { isInstant } from "../src/engine/worker/runner-kind.ts";
import { NotBegun } from "../src/runners/index.ts";
import type { Child } from "./ledger/child.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Breakage } from "./model/index.ts";
import { type Life, type Network, placeOf } from "./network.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface Carrier {
  carryOut(
    assignment: Assignment,
    signal: AbortSignal,
    onBegun?: () => void,
  ): Outcome | Promise<Outcome>;
  /** Kills what a session's attempts left on this machine; resolves when it is gone. */
  killOrphans(session: string): Promise<number>;
}

/** A child with a way to end it. */
interface Running extends Child {
  end(outcome: Outcome): void;
}

const FULL = new NotBegun("no space left on device", "free some");

/** After a freeze, until a process knows what it has lost: a renewal that may hang, and one more. */
const BACK_MS = 5_000;

const KILLED: Outcome = {
  status: "failed",
  error: { code: "process_exit", message: "ended by SIGKILL" },
};

/** A provider that has no room before a time. */
function limited(retry_after_ms: number): Outcome {
  const error = { code: "agent_limit", message: "no room", details: { retry_after_ms } } as const;
  return { status: "failed", error };
}

/** Carries attempts out as processes of the machine would: they last, they outlive their worker, they can be killed. */
export function createCarrier(
  shared: {
    readonly world: World;
    readonly network: Network;
    readonly ledger: Ledger;
    readonly random: Random;
    readonly broken: Pick<Breakage, "orphans" | "rest" | "givenBack">;
    /** Whether the machine of a place can begin no process now: its disk is full. */
    cannotBegin(place: string): boolean;
    limitMs(): number | undefined;
    /** Share of the work that takes longer than a session lives. */
    readonly longWork: number;
  },
  life: Life,
  session: () => string,
  /** How many processes it runs at once. */
  capacity: number,
): Carrier {
  const { world, network, ledger, random, broken } = shared;
  const place = placeOf(life);

  function begin(assignment: Assignment, tell: (outcome: Outcome) => void): Running {
    const { runId, slot, number } = assignment;
    const child: Running = {
      runId,
      slot,
      number,
      host: life.host,
      session: session(),
      mayRepeat: isInstant(assignment.step.action) && assignment.step.queue === undefined,
      ownerAway: () => !life.alive || life.frozen || world.now() - life.backSince < BACK_MS,
      outcome: undefined,
      killedAsOrphan: false,
      end(outcome) {
        if (child.outcome !== undefined) return;
        child.outcome = outcome;
        world.trace(() => `  ${runId}/${slot}/${number} of ${life.name} ends: ${outcome.status}`);
        tell(outcome);
      },
    };
    world.trace(() => `  ${runId}/${slot}/${number} starts at ${life.name}`);
    ledger.start(child);
    return child;
  }

  function carryOut(
    assignment: Assignment,
    signal: AbortSignal,
    onBegun?: () => void,
  ): Outcome | Promise<Outcome> {
    if (!life.alive) return new Promise(() => {});
    if (assignment.step.action.runner.kind === "core") {
      const outcome: Outcome = { status: "success", output: assignment.number };
      begin(assignment, () => {}).end(outcome);
      return outcome;
    }
    if (shared.cannotBegin(place)) return giveBack(assignment);
    return new Promise((resolve) => {
      onBegun?.();
      const child = begin(assignment, (outcome) => {
        cancelEnd();
        // The runner tells a process that it broke off itself from one that somebody else killed.
        const broken = signal.aborted && signal.reason !== "cancel";
        const told: Outcome = broken && outcome.status !== "success" ? { status: "lost" } : outcome;
        child.outcome = told;
        world.after(random.next(), () => network.enter(life, () => resolve(told)));
      });
      const cancelEnd = world.after(durationMs(), () => child.end(natural(assignment)));
      signal.addEventListener("abort", () => {
        const error = { code: "canceled", message: "stopped" } as const;
        const graceMs = signal.reason === "cancel" ? random.int(0, 2_000) : random.int(0, 20);
        world.after(graceMs, () => child.end({ status: "canceled", error }));
      });
    });
  }

  function giveBack(assignment: Assignment): Promise<Outcome> {
    const { runId, slot, number } = assignment;
    world.trace(() => `  ${runId}/${slot}/${number} cannot begin at ${life.name}`);
    ledger.givesBack({ runId, slot, number }, life.name, capacity);
    const error = { code: "process_start", message: "it was given back" } as const;
    const given: Outcome = {
      ...{ status: "lost", error },
      ...(broken.givenBack !== true && NEVER_BEGUN),
      ...(broken.rest !== true && { notBegun: FULL }),
    };
    return new Promise((resolve) => {
      world.after(1, () => network.enter(life, () => resolve(given)));
    });
  }

  function durationMs(): number {
    if (random.chance(shared.longWork)) return random.int(5_000, 15_000);
    return random.chance(0.5) ? random.int(1, 100) : random.int(100, 3_000);
  }

  function natural({ number }: Assignment): Outcome {
    if (random.chance(0.8)) return { status: "success", output: number };
    const status = random.chance(0.8) ? "failed" : "timed_out";
    const limitMs = shared.limitMs();
    if (limitMs !== undefined) return limited(limitMs);
    return { status, error: { code: "process_exit", message: "exit 1" } };
  }

  function killOrphans(id: string): Promise<number> {
    if (shared.broken.orphans === true) return Promise.resolve(0);
    return new Promise((resolve) => {
      if (!life.alive) return;
      let count = 0;
      world.after(random.int(1, 30), () => {
        for (const child of ledger.children() as Iterable<Running>) {
          if (child.host !== life.host || child.session !== id || child.outcome !== undefined)
            continue;
          count++;
          child.killedAsOrphan = true;
          child.end(KILLED);
        }
        world.after(random.int(1, 10), () => network.enter(life, () => resolve(count)));
      });
    });
  }

  return { carryOut, killOrphans };
}
