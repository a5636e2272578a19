import { Locked } from "./model/index.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const LOCK_WAIT_MS = 0.5;

/** One life of a simulated process, from its start to its crash. */
export interface Life {
  readonly name: string;
  readonly host: string;
  alive: boolean;
  frozen: boolean;
  /** Until when its connections to the store carry nothing. */
  cutUntil: number;
  /** When it last went on after a freeze. */
  backSince: number;
  /** What would have happened while it was frozen, in order. */
  readonly missed: (() => void)[];
}

/** The name of the place that it lives at. */
export function placeOf({ name }: Life): string {
  return name.slice(0, name.indexOf("."));
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

/** `begin` is its snapshot and its locks, `apply` its commit; what that throws is the answer. Both wait where Locked. */
export interface Statement<S, T> {
  readonly begin: () => S;
  readonly apply: (snapshot: S) => T;
  /** The connection was lost in between. */
  readonly undo?: (snapshot: S) => void;
}

export interface Network {
  /** Runs something in a process as its event loop would: not when it is dead, later when it is frozen. */
  enter(life: Life, run: () => void): void;
  call<S, T>(life: Life, what: string, statement: Statement<S, T>): Promise<T>;
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

  function call<S, T>(life: Life, what: string, statement: Statement<S, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!life.alive) return;
      const fail = (inMs: number): void => {
        world.after(inMs, () => enter(life, () => reject(new ConnectionLost(what))));
      };
      /** Runs it in the store; without `answer` the caller has been told something else already. */
      const effect = (answer: boolean): void => {
        const lose = (): void => {
          if (answer) fail(latencyMs());
        };
        whenFree(lose, statement.begin, (snapshot) => {
          const drop = (): void => {
            statement.undo?.(snapshot);
            lose();
          };
          world.after(latencyMs() / 2, () =>
            whenFree(
              drop,
              () => settle(() => statement.apply(snapshot)),
              (outcome) => {
                if (!answer) return;
                world.after(latencyMs() / 2, () =>
                  enter(life, () => {
                    if (outcome.ok) resolve(outcome.value);
                    else reject(outcome.error as Error);
                  }),
                );
              },
            ),
          );
        });
      };
      world.after(latencyMs(), () => {
        const waitMs = Math.max(life.cutUntil, outage.hangs ? outage.until : 0) - world.now();
        if (waitMs > 0) reachLater(waitMs, what, effect, fail);
        else reach(what, effect, fail);
      });
    });
  }

  /** Does a part of a statement as soon as nothing that it needs is locked, unless the store is down. */
  function whenFree<S>(onDown: () => void, part: () => S, then: (value: S) => void): void {
    if (isDown()) return onDown();
    let value: S;
    try {
      value = part();
    } catch (error) {
      if (!(error instanceof Locked)) throw error;
      world.after(LOCK_WAIT_MS, () => whenFree(onDown, part, then));
      return;
    }
    then(value);
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
    if (error instanceof Locked) throw error;
    return { ok: false, error };
  }
}
