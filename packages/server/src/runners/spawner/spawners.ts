import { availableParallelism } from "node:os";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../package-root.ts";
import { type StartProcess, startHere } from "../process/start.ts";
import { createSpawner, type Spawner } from "./spawner.ts";

export interface SpawnersOptions {
  /** How a spawner is run; the program that the build makes of it, under this Node, unless given. */
  readonly command?: readonly string[];
  /** At most so many; 0 starts all processes from here. */
  readonly count?: number;
  /** Without work for so long, they end. */
  readonly idleMs?: number;
  /** One ended that should not have. */
  readonly onLost?: (pid: number | undefined) => void;
}

/** Starts processes from small processes of their own. */
export interface Spawners {
  readonly start: StartProcess;
  /** The pids of those that can be given work. */
  pids(): number[];
  /** Ends them, and with them what they have started. */
  close(): void;
}

const MAIN = join(PACKAGE_ROOT, "dist/yard-spawner.mjs");
/** It has little to keep and nothing to compile aside: 26 MB with these flags, 34 MB without. */
const COMMAND = [process.execPath, "--max-semi-space-size=1", "--single-threaded", MAIN];
/** A start blocks its spawner until the program is loaded: two overlap, more only share the cores. */
const COUNT = process.platform === "win32" ? 0 : Math.min(2, availableParallelism());
const IDLE_MS = 60_000;
const PAUSE_AFTER_FAILURE_MS = 10_000;

/**
 * A fork copies the page tables of the process that forks, and holds up its thread meanwhile: 2 to 5 ms in a
 * server of 200 MB, 1 ms in a spawner. The first is made with the first start, a second when the first is busy;
 * what is to be started while none is there is started from here, as all is on Windows, which does not fork.
 */
export function createSpawners(options: SpawnersOptions = {}): Spawners {
  const { command = COMMAND, count = COUNT, idleMs = IDLE_MS, onLost } = options;
  const all = new Set<Spawner>();
  const ready = new Set<Spawner>();
  let notBeforeMs = 0;
  let closed = false;

  const add = (): void => {
    const spawner = createSpawner(command, {
      onReady: () => {
        ready.add(spawner);
        idle.refresh();
      },
      onEnd: () => {
        if (!all.delete(spawner)) return;
        if (!ready.delete(spawner)) notBeforeMs = performance.now() + PAUSE_AFTER_FAILURE_MS;
        onLost?.(spawner.pid);
      },
    });
    all.add(spawner);
  };

  /** Without it, what is to be started tells why nothing can be. */
  const tryToAdd = (): void => {
    try {
      add();
    } catch {
      notBeforeMs = performance.now() + PAUSE_AFTER_FAILURE_MS;
    }
  };

  const close = (): void => {
    for (const spawner of all) {
      all.delete(spawner);
      ready.delete(spawner);
      spawner.close();
    }
  };
  const idle = setTimeout(() => {
    if ([...all].every((spawner) => ready.has(spawner) && spawner.isIdle())) close();
    else idle.refresh();
  }, idleMs).unref();

  return {
    start: (given) => {
      idle.refresh();
      let least: Spawner | undefined;
      for (const one of ready)
        if (least === undefined || one.starting() < least.starting()) least = one;
      const isBusy = least === undefined || least.starting() > 0;
      if (isBusy && !closed && all.size < count && performance.now() >= notBeforeMs) tryToAdd();
      return least === undefined ? startHere(given) : least.start(given);
    },
    pids: () => [...ready].flatMap(({ pid }) => pid ?? []),
    close: () => {
      closed = true;
      clearTimeout(idle);
      close();
    },
  };
}
