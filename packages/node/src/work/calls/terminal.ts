import { createRequire } from "node:module";
import { constants } from "node:os";
import type { IPty } from "@lydell/node-pty";
import type { Environment } from "../environment.ts";
import type { Owner } from "../processes/members.ts";
import { signalProcess } from "../processes/process-group.ts";
import { stopMembers } from "../processes/stop.ts";
import { codeOf, type Refusal, refuse } from "../refusal.ts";
import type { Carried, CarriedEnd, OnOutput } from "./carried.ts";

export interface TerminalCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly mark: Owner["mark"];
  readonly cols: number;
  readonly rows: number;
  /** TERM. */
  readonly term: string;
  readonly onOutput: OnOutput;
}

type SpawnTerminal = typeof import("@lydell/node-pty").spawn;

const require = createRequire(import.meta.url);

/** The package is optional: it has no binary for some systems, and may have been left out. */
export function loadTerminals(): SpawnTerminal | Refusal {
  try {
    return (require("@lydell/node-pty") as typeof import("@lydell/node-pty")).spawn;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return {
      reason: "unsupported",
      detail: `this node has no terminals: install @lydell/node-pty beside it (${why})`,
    };
  }
}

const INPUT_WAITING_MOST_BYTES = 1024 * 1024;
/** The package closes a terminal this long after its process has ended, read or not: half of it. */
const LOOK_WHILE_PAUSED_MS = 100;

/** Runs a program in a terminal of its own. Never rejects. */
export function carryInTerminal(spawn: SpawnTerminal, command: TerminalCommand): Carried {
  const { file, args, cwd, cols, rows, mark } = command;
  try {
    const env = { ...command.env, [mark.name]: mark.value };
    const options = { name: command.term, cols, rows, cwd, env, encoding: null };
    return carriedOf(spawn(file, [...args], options), command);
  } catch (error) {
    const detail = `the terminal for "${file}" cannot be opened (${codeOf(error)})`;
    return {
      ended: Promise.resolve({ exitCode: -1, ...refuse("exec_failed", detail) }),
      pause() {},
      resume() {},
      stop: () => Promise.resolve("SIGTERM"),
    };
  }
}

function carriedOf(terminal: IPty, { mark, onOutput }: TerminalCommand): Carried {
  let hasEnded = false;
  let looking: NodeJS.Timeout | undefined;
  // Without an encoding it gives bytes, whatever its types say.
  terminal.onData((bytes) => onOutput("pty", bytes as unknown as Buffer));
  const ended = new Promise<CarriedEnd>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      clearInterval(looking);
      resolve(signal ? { exitCode: -1, signal: signalName(signal) } : { exitCode });
    });
  });

  const resume = (): void => {
    clearInterval(looking);
    if (!hasEnded) terminal.resume();
  };

  return {
    ended,
    resume,
    pause() {
      if (hasEnded) return;
      terminal.pause();
      clearInterval(looking);
      // What a dead process left in the terminal is little, and lost if it is not read at once.
      looking = setInterval(() => {
        if (!isThere(terminal.pid)) resume();
      }, LOOK_WHILE_PAUSED_MS);
    },
    stop: (graceMs) =>
      stopMembers({
        owner: { mark, root: terminal.pid, sparesRoot: false },
        ended,
        graceMs,
        // An interactive shell heeds this one alone.
        nudge: () => void signalProcess(terminal.pid, "SIGHUP"),
      }),
    resize(cols, rows) {
      if (!hasEnded) terminal.resize(cols, rows);
    },
    input: {
      write(bytes) {
        if (hasEnded) return true;
        if (waitingBytes(terminal) + bytes.length > INPUT_WAITING_MOST_BYTES) return false;
        // Its types say text, its socket takes bytes: text would have to be whole characters.
        terminal.write(bytes as unknown as string);
        return true;
      },
      /** A terminal has no end of input but the key for it. */
      end() {
        if (!hasEnded) terminal.write("\u0004");
      },
    },
  };
}

/** What has been written and not been taken by the terminal; the package does not say, its socket does. */
function waitingBytes(terminal: IPty): number {
  if (!("_socket" in terminal)) return 0;
  const socket: unknown = terminal._socket;
  if (typeof socket !== "object" || socket === null || !("writableLength" in socket)) return 0;
  return Number(socket.writableLength);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
