import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, markValue } from "../environment.ts";
import type { Folders } from "../folders.ts";
import { isVariableName } from "../shell/quote.ts";
import { noRoomFor, type Sessions } from "../shell/sessions.ts";
import { commandArguments, fileArguments, type ShellProgram } from "../shell/shell-program.ts";
import { sessionSurroundings } from "../shell/surroundings.ts";
import { type Carried, notCarried, type OnOutput } from "./carried.ts";
import { type ExecFrame, nameOf, sessionOf } from "./exec-call.ts";
import { callMark, type SpawnDeps, spawnCommand, startRefusal } from "./spawned.ts";
import { carryInTerminal, loadTerminals } from "./terminal.ts";

export interface CarryDeps extends SpawnDeps {
  readonly sessions: Sessions;
  readonly folders: Folders;
  readonly program: ShellProgram;
  /** What every process of this node starts with. */
  readonly env: Environment;
}

const DEFAULT_TERM = "xterm-256color";
/** Longer commands go into a file: one argument holds 128 KiB. */
const ARGUMENT_MOST_BYTES = 100 * 1024;

/** Carries out an exec: in its session's shell, or by a process of its own. Never rejects. */
export async function carry(
  deps: CarryDeps,
  frame: ExecFrame,
  onOutput: OnOutput,
): Promise<Carried> {
  const given = frame.cwd === undefined ? undefined : deps.folders.check(frame.cwd);
  if (typeof given === "object") return notCarried(given.refusal);
  const flaw = environmentFlaw(frame);
  if (flaw !== undefined) return notCarried({ reason: "bad_request", detail: flaw });
  try {
    if (frame.stdin === "pty") return await inTerminal(deps, frame, given, onOutput);
    const session = sessionOf(frame);
    if (session !== undefined) return await inSession(deps, frame, session, given, onOutput);
    return await byItself(deps, frame, given, onOutput);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return notCarried({ reason: "internal_error", detail });
  }
}

/** A shell can be given variables with a name alone; a process all but those with `=`. */
function environmentFlaw(frame: ExecFrame): string | undefined {
  const isInShell = sessionOf(frame) !== undefined;
  const wrong = Object.keys(frame.env ?? {}).find((name) =>
    isInShell ? !isVariableName(name) : name.includes("="),
  );
  return wrong === undefined ? undefined : `"${wrong}" is no name of a variable`;
}

async function inSession(
  { sessions }: CarryDeps,
  frame: ExecFrame,
  name: string,
  cwd: string | undefined,
  onOutput: OnOutput,
): Promise<Carried> {
  const session = sessions.open(name);
  if (session === undefined) return notCarried({ reason: "busy", detail: noRoomFor(name) });
  const release = sessions.occupy(name);
  const carried = await session.run({
    id: frame.id,
    command: frame.command,
    env: frame.env ?? {},
    stdin: frame.stdin === "pipe" ? "pipe" : "null",
    onOutput,
    ...(cwd !== undefined && { cwd }),
  });
  void carried.ended.then(release);
  return carried;
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** What was made for it is taken away. */
  tidy(): void;
}

/** What to run, where no session's shell runs it. */
function programOf({ program, pipes }: CarryDeps, { argv, command, id }: ExecFrame): Program {
  if (argv !== undefined) {
    const [file = "", ...args] = argv;
    return { file, args, tidy() {} };
  }
  if (Buffer.byteLength(command) <= ARGUMENT_MOST_BYTES) {
    return { file: program.path, args: commandArguments(program, command), tidy() {} };
  }
  const path = join(pipes.path, `command-${markValue(id).replaceAll("/", "_")}`);
  writeFileSync(path, command, { mode: 0o600 });
  const tidy = () => rmSync(path, { force: true });
  return { file: program.path, args: fileArguments(program, path), tidy };
}

/** The result says where it ran. */
function endingIn(cwd: string, carried: Carried, { tidy }: Program): Carried {
  const ended = carried.ended.then((end) => {
    tidy();
    return { ...end, cwd };
  });
  return { ...carried, ended };
}

async function byItself(
  deps: CarryDeps,
  frame: ExecFrame,
  given: string | undefined,
  onOutput: OnOutput,
): Promise<Carried> {
  const cwd = given ?? deps.folders.start();
  const program = programOf(deps, frame);
  const { file, args } = program;
  const started = await spawnCommand(deps, {
    file,
    args,
    cwd,
    env: { ...deps.env, ...frame.env },
    mark: callMark(frame.id),
    stdin: frame.stdin === "pipe" ? "pipe" : "null",
    onOutput,
  });
  if (!(started instanceof Error)) return endingIn(cwd, started, program);
  program.tidy();
  return notCarried(startRefusal(started, file, cwd).refusal);
}

/** In a shell of its own beside the session's, which it resembles: it stands in its folder, with its variables. */
async function inTerminal(
  deps: CarryDeps,
  frame: ExecFrame,
  given: string | undefined,
  onOutput: OnOutput,
): Promise<Carried> {
  const spawn = loadTerminals();
  if (typeof spawn !== "function") return notCarried(spawn);
  const isFresh = frame.argv !== undefined || frame.shell === "fresh";
  const around = isFresh
    ? undefined
    : await sessionSurroundings(deps.sessions, nameOf(frame), frame.id);
  const { cols = 80, rows = 24, term = DEFAULT_TERM } = frame.pty ?? {};
  const cwd = given ?? around?.cwd ?? deps.folders.start();
  const program = programOf(deps, frame);
  const carried = await carryInTerminal(spawn, deps.pipes, {
    file: program.file,
    args: program.args,
    cwd,
    env: { ...deps.env, ...around?.env, ...frame.env },
    mark: callMark(frame.id),
    cols,
    rows,
    term,
    onOutput,
  });
  return endingIn(cwd, carried, program);
}
