import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Environment } from "../environment.ts";
import { lineReader } from "./line-reader.ts";
import { SPAWNER_COMMAND } from "./program.ts";
import type { Said, Told } from "./serve.ts";
import type { Started, StartedEnd, StartProcess } from "./start.ts";

/** The code of a start's error where the spawner has ended: the process may run, or have run, all the same. */
export const START_LOST = "START_LOST";

export interface SpawnerCommand {
  /** Its whole environment: what it is known by. What its children get is told with each. */
  readonly env: Environment;
  readonly command?: readonly string[];
  /** How often it is asked for a sign while something of it runs. */
  readonly pulseMs?: number;
}

/** One spawner process, from its start to its end. */
export interface LivingSpawner {
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

const PULSE_MS = 2_000;
/** Of the pulse: half a minute. */
const UNANSWERED_MOST = 15;

/** Undefined where the system has no process or descriptor left. */
export function bringUp(
  { env, command = SPAWNER_COMMAND, pulseMs = PULSE_MS }: SpawnerCommand,
  events: { onReady(): void; onEnd(): void },
): LivingSpawner | undefined {
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
