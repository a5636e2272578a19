import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Environment } from "../environment.ts";
import { lineReader } from "./line-reader.ts";
import { SPAWNER_COMMAND } from "./program.ts";
import type { Said, Told } from "./serve.ts";
import { type Started, type StartedEnd, type StartProcess, startHere } from "./start.ts";

/** The code of a start's error where the spawner has ended: the process may run, or have run, all the same. */
export const START_LOST = "START_LOST";

export interface SpawnerOptions {
  /** Its whole environment: what it is known by. What its children get is told with each. */
  readonly env: Environment;
  readonly command?: readonly string[];
  /** Without work for so long, it ends. */
  readonly idleMs?: number;
  /** How often it is asked for a sign while something of it runs. */
  readonly pulseMs?: number;
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
const PULSE_MS = 2_000;
/** Of the pulse: half a minute. */
const UNANSWERED_MOST = 15;

/**
 * Node starts a process by a fork, which copies the page tables of the one that forks and holds up its thread until the
 * program is loaded: the node's link would wait too. Until the spawner is up, and while there is none, processes are
 * started from here. One is enough: it starts a thousand a second.
 */
export function createSpawner(options: SpawnerOptions): Spawner {
  const { idleMs = IDLE_MS, onLost } = options;
  let living: Living | undefined;
  let isReady = false;
  let notBeforeMs = 0;
  let isClosed = false;

  const make = (): void => {
    const made: Living | undefined = bringUp(options, {
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
    if (living?.isIdle() === false) idle.refresh();
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

interface Living {
  readonly pid: number | undefined;
  readonly start: StartProcess;
  /** Nothing of it runs or is being started. */
  isIdle(): boolean;
  close(): void;
}

interface Entry {
  /** Until it was answered. */
  answer(given: Started | Error): void;
  exit(end: StartedEnd): void;
}

/** Undefined where the system has no process or descriptor left. */
function bringUp(
  { env, command = SPAWNER_COMMAND, pulseMs = PULSE_MS }: SpawnerOptions,
  events: { onReady(): void; onEnd(): void },
): Living | undefined {
  const entries = new Map<number, Entry>();
  const spawned = spawnSpawner(command, env);
  if (spawned === undefined) return undefined;
  const { child, line } = spawned;
  let lastId = 0;
  let unanswered = 0;
  let hasEnded = false;

  const hear = (said: Said): void => {
    const entry = entries.get(said.id);
    if (entry === undefined) return;
    if ("pid" in said) {
      const exited = new Promise<StartedEnd>((resolve) => {
        entry.exit = resolve;
      });
      return entry.answer({ pid: said.pid, exited });
    }
    entries.delete(said.id);
    if ("end" in said) entry.exit(said.end);
    else entry.answer(Object.assign(new Error(said.message), { code: said.code }));
  };

  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearInterval(pulse);
    child.kill("SIGKILL"); // It may have lost its line and live.
    for (const entry of entries.values()) {
      entry.answer(lost());
      entry.exit({ lost: true });
    }
    events.onEnd();
  };

  /**
   * Who says nothing tells of no start and no end, and no timeout could be kept. Somebody may have stopped it, which
   * costs nothing once it goes on; what it may wait for otherwise, as a disk that is away, is not waited for for ever.
   */
  const pulse = setInterval(() => {
    if (entries.size === 0) return;
    if (unanswered >= UNANSWERED_MOST) return end();
    if (unanswered > 0) child.kill("SIGCONT");
    unanswered += 1;
    line.write("\n");
  }, pulseMs).unref();

  line.setEncoding("utf8");
  line.on(
    "data",
    lineReader((said) => {
      unanswered = 0;
      if (said === "") events.onReady();
      else hear(JSON.parse(said));
    }),
  );
  line.on("error", () => {}); // `close` follows.
  line.once("close", end);
  child.once("exit", end);
  child.unref();
  line.unref();

  return {
    pid: child.pid,
    isIdle: () => entries.size === 0,
    start(order) {
      if (hasEnded) return Promise.resolve(lost());
      lastId += 1;
      const told: Told = { ...order, id: lastId };
      return new Promise((answer) => {
        entries.set(told.id, { answer, exit() {} });
        line.write(`${JSON.stringify(told)}\n`);
      });
    },
    close: () => void line.destroy(),
  };
}

/** In a group of its own, or Ctrl-C would reach it. */
function spawnSpawner([file = "", ...args]: readonly string[], env: Environment) {
  const stdio = ["ignore", "ignore", "inherit", "pipe"] as const;
  try {
    const child = spawn(file, args, { env, cwd: "/", detached: true, stdio: [...stdio] });
    child.on("error", () => {}); // It has no pid.
    return child.pid === undefined ? undefined : { child, line: child.stdio[3] as Socket };
  } catch {
    return undefined;
  }
}

function lost(): Error {
  const message = "the process that was to start it has ended";
  return Object.assign(new Error(message), { code: START_LOST });
}
