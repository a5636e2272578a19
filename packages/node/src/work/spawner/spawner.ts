import { bringUp, type LivingSpawner, type SpawnerCommand } from "./living-spawner.ts";
import { type StartProcess, startHere } from "./start.ts";

export interface SpawnerOptions extends SpawnerCommand {
  /** Without work for so long, it ends. */
  readonly idleMs?: number;
  /** It ended, and should not have. */
  readonly onLost: () => void;
}

/** Starts processes from a small process of its own. */
export interface Spawner {
  readonly start: StartProcess;
  /** Undefined until it is up, which the first start asks for. */
  pid(): number | undefined;
  /** Ends it, and what it has started. */
  close(): void;
}

const IDLE_MS = 60_000;
const PAUSE_AFTER_FAILURE_MS = 10_000;

/**
 * Node starts a process by a fork, which copies the page tables of the one that forks and holds up its thread until the
 * program is loaded: the node's link would wait too. Until the spawner is up, and while there is none, processes are
 * started from here. One is enough: it starts a thousand a second.
 */
export function createSpawner(options: SpawnerOptions): Spawner {
  const { idleMs = IDLE_MS, onLost } = options;
  let living: LivingSpawner | undefined;
  let isReady = false;
  let notBeforeMs = 0;
  let isClosed = false;

  const make = (): void => {
    const made: LivingSpawner | undefined = bringUp(options, {
      onReady() {
        isReady = true;
        idle.refresh();
      },
      onEnd() {
        if (living !== made) return;
        if (!isReady) pause();
        forget();
        onLost();
      },
    });
    if (made === undefined) pause();
    living = made;
  };

  const pause = (): void => {
    notBeforeMs = performance.now() + PAUSE_AFTER_FAILURE_MS;
  };

  const forget = (): void => {
    living = undefined;
    isReady = false;
  };

  const end = (): void => {
    const ended = living;
    forget();
    ended?.close();
  };

  const idle = setTimeout(() => {
    // One that is coming up has work before it: that is what it was made for.
    if (living !== undefined && (!isReady || !living.isIdle())) idle.refresh();
    else end();
  }, idleMs).unref();

  return {
    start(order) {
      idle.refresh();
      if (living === undefined && !isClosed && performance.now() >= notBeforeMs) make();
      return living !== undefined && isReady ? living.start(order) : startHere(order);
    },
    pid: () => (isReady ? living?.pid : undefined),
    close() {
      isClosed = true;
      clearTimeout(idle);
      end();
    },
  };
}
