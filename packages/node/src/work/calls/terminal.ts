import { createRequire } from "node:module";
import { constants } from "node:os";
import type { IPty } from "@lydell/node-pty";
import type { Environment } from "../environment.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import type { Owner } from "../processes/members.ts";
import { signalProcess } from "../processes/process-group.ts";
import { stopMembers } from "../processes/stop.ts";
import type { Refusal } from "../refusal.ts";
import type { Carried, CarriedEnd, OnOutput } from "./carried.ts";
import { createTerminalKeeper, type TerminalKeeper } from "./terminal-keeper.ts";

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

/** The package closes a terminal 200 ms after its process has ended, read or not. */
const LOOK_WHILE_PAUSED_MS = 30;
const PRESS_MS = 500;

/** Its output has come to rest when nothing came for so long. */
const QUIET_MS = 20;
/** Others may go on writing to the terminal: their program has ended, and is waited for no longer. */
const REST_MOST_MS = 1_000;

/** Runs a program in a terminal of its own. @throws Error where it cannot be opened */
export async function carryInTerminal(
  spawn: SpawnTerminal,
  pipes: PipeFolder,
  command: TerminalCommand,
): Promise<Carried> {
  const { cwd, cols, rows, mark } = command;
  const keeper = await createTerminalKeeper(pipes, command.file, command.args);
  const env = { ...command.env, [mark.name]: mark.value };
  const options = { name: command.term, cols, rows, cwd, env, encoding: null };
  try {
    return carriedOf(spawn(keeper.file, [...keeper.args], options), keeper, command);
  } catch (error) {
    keeper.close();
    throw error;
  }
}

function carriedOf(
  terminal: IPty,
  keeper: TerminalKeeper,
  { mark, onOutput }: TerminalCommand,
): Carried {
  let hasEnded = false;
  let isEnding = false;
  let looking: NodeJS.Timeout | undefined;
  let pressing: NodeJS.Timeout | undefined;
  let onQuiet: NodeJS.Timeout | undefined;
  let programCode: number | undefined;

  // Without an encoding it gives bytes, whatever its types say.
  terminal.onData((bytes) => {
    onQuiet?.refresh();
    onOutput("pty", bytes as unknown as Buffer);
  });

  /** The program has ended: reads what is left of it, little, and lets the terminal go. */
  const rest = (): void => {
    isEnding = true;
    resume();
    onQuiet = setTimeout(keeper.letGo, QUIET_MS);
    setTimeout(keeper.letGo, REST_MOST_MS).unref();
  };
  void keeper.exitCode.then((code) => {
    programCode = code;
    if (!hasEnded) rest();
  });

  const ended = new Promise<CarriedEnd>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      for (const timer of [looking, pressing, onQuiet]) clearTimeout(timer);
      keeper.close();
      if (programCode !== undefined) resolve({ exitCode: programCode });
      else if (signal) resolve({ exitCode: -1, signal: signalName(signal) });
      else resolve({ exitCode });
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
      if (hasEnded || isEnding) return;
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
        return hasEnded ? Promise.resolve() : written(terminal, bytes);
      },
      /** A terminal has no end of input but the key for it, which who does not read just now may not get. */
      end() {
        const press = () => terminal.write("\u0004");
        if (hasEnded) return;
        press();
        pressing = setInterval(press, PRESS_MS);
      },
    },
  };
}

/** What the package does not give: its socket, as far as it is used here. */
interface TerminalSocket {
  readonly write?: (bytes: Buffer, taken: () => void) => unknown;
}

function socketOf(terminal: IPty): TerminalSocket {
  if (!("_socket" in terminal)) return {};
  const socket: unknown = terminal._socket;
  return typeof socket === "object" && socket !== null ? socket : {};
}

/** Resolves when the terminal has taken it. */
function written(terminal: IPty, bytes: Buffer): Promise<void> {
  const socket = socketOf(terminal);
  if (socket.write !== undefined) {
    return new Promise((resolve) => void socket.write?.(bytes, resolve));
  }
  // Its types say text, its socket takes bytes: text would have to be whole characters.
  terminal.write(bytes as unknown as string);
  return Promise.resolve();
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
