import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** One life of a simulated process, from its start to its crash. */
export interface Life {
  readonly name: string;
  readonly host: string;
  alive: boolean;
  frozen: boolean;
  /** Until when its connections to the store carry nothing. */
  cutUntil: number;
  /** When it was last frozen or cut off. */
  awayUntil: number;
  /** What would have happened while it was frozen, in order. */
  readonly missed: (() => void)[];
}

/** What goes wrong between processes and store; shares are of all calls. */
export interface Faults {
  /** The call never arrives. */
  errorBefore: number;
  /** It takes effect, and its answer is lost. */
  errorAfter: number;
  /** The caller is told of a lost connection, and it takes effect later. */
  lateEffect: number;
  slow: number;
  hintLost: number;
  hintDoubled: number;
}

export const NO_FAULTS: Faults = {
  errorBefore: 0,
  errorAfter: 0,
  lateEffect: 0,
  slow: 0,
  hintLost: 0,
  hintDoubled: 0,
};

export class ConnectionLost extends Error {}

export interface Network {
  /** Runs something in a process as its event loop would: not when it is dead, later when it is frozen. */
  enter(life: Life, run: () => void): void;
  /**
   * A statement: `begin` when it starts (its snapshot), `apply` when it commits. What `apply` throws is the answer.
   */
  call<S, T>(life: Life, what: string, begin: () => S, apply: (snapshot: S) => T): Promise<T>;
  /** Nothing reaches the store until then; calls are refused, or hang where `hangs`. */
  breakStore(untilMs: number, hangs: boolean): void;
  faults: Faults;
}

export function createNetwork(world: World, random: Random): Network {
  let outage = { until: 0, hangs: false };
  const network: Network = { enter, call, breakStore, faults: { ...NO_FAULTS } };

  function enter(life: Life, run: () => void): void {
    if (!life.alive) return;
    if (life.frozen) life.missed.push(run);
    else run();
  }

  function latencyMs(): number {
    if (random.chance(network.faults.slow)) return random.int(20, 3_000);
    return 0.1 + random.next() * 1.5;
  }

  function call<S, T>(
    life: Life,
    what: string,
    begin: () => S,
    apply: (snapshot: S) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!life.alive) return;
      const fail = (inMs: number): void => {
        world.after(inMs, () => enter(life, () => reject(new ConnectionLost(what))));
      };
      const effect = (answer: boolean): void => {
        if (isDown()) {
          if (answer) fail(latencyMs());
          return;
        }
        const snapshot = begin();
        world.after(latencyMs() / 2, () => {
          if (isDown()) {
            if (answer) fail(latencyMs());
            return;
          }
          const outcome = settle(() => apply(snapshot));
          if (!answer) return;
          world.after(latencyMs() / 2, () =>
            enter(life, () => {
              if (outcome.ok) resolve(outcome.value);
              else reject(outcome.error as Error);
            }),
          );
        });
      };
      world.after(latencyMs(), () => {
        const waitMs = Math.max(life.cutUntil, outage.hangs ? outage.until : 0) - world.now();
        if (waitMs > 0) return reachLater(waitMs, what, effect, fail);
        reach(what, effect, fail);
      });
    });
  }

  function reach(
    what: string,
    effect: (answer: boolean) => void,
    fail: (inMs: number) => void,
  ): void {
    const { errorBefore, errorAfter, lateEffect } = network.faults;
    const luck = random.next();
    if (luck < errorBefore) {
      world.trace(() => `${what}: never arrives`);
      fail(latencyMs());
    } else if (luck < errorBefore + errorAfter) {
      world.trace(() => `${what}: done, then error`);
      effect(false);
      fail(latencyMs() * 2);
    } else if (luck < errorBefore + errorAfter + lateEffect) {
      world.trace(() => `${what}: error, done later`);
      fail(latencyMs());
      world.after(random.int(1, 1_500), () => effect(false));
    } else effect(true);
  }

  /** What was sent into a cut connection arrives when it is whole again, or breaks then. */
  function reachLater(
    waitMs: number,
    what: string,
    effect: (answer: boolean) => void,
    fail: (inMs: number) => void,
  ): void {
    const inMs = waitMs + random.int(0, 1_000);
    if (random.chance(0.5)) world.after(inMs, () => reach(what, effect, fail));
    else fail(random.int(0, inMs));
  }

  function isDown(): boolean {
    return world.now() < outage.until && !outage.hangs;
  }

  function breakStore(untilMs: number, hangs: boolean): void {
    outage = { until: untilMs, hangs };
  }

  return network;
}

type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

function settle<T>(work: () => T): Settled<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, error };
  }
}
