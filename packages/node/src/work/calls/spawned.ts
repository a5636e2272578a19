import { setTimeout as pause } from "node:timers/promises";
import { type Environment, MARK, markValue } from "../environment.ts";
import { READ_AFTER_MS } from "../pipes/open-outputs.ts";
import { openPipes, type Pipes } from "../pipes/open-pipes.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import type { Owner } from "../processes/members.ts";
import { killMembers, stopMembers } from "../processes/stop.ts";
import { codeOf, refuse } from "../refusal.ts";
import { START_LOST } from "../spawner/living-spawner.ts";
import type { Started, StartProcess } from "../spawner/start.ts";
import type { Carried, CarriedEnd, OnOutput } from "./carried.ts";

export interface SpawnedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** The variable and value by which its processes are known. */
  readonly mark: Owner["mark"];
  readonly stdin: "null" | "pipe";
  readonly onOutput: OnOutput;
}

/** A process of its own, the leader of its group, with its pipes. */
export interface Spawned extends Carried {
  readonly pid: number;
}

/** The mark of a call's processes. */
export function callMark(id: string): Owner["mark"] {
  return { name: MARK.call, value: markValue(id) };
}

/** What starting a command takes. */
export interface SpawnDeps {
  readonly pipes: PipeFolder;
  readonly start: StartProcess;
}

/** Between fork and exec, a process does not carry its mark yet: nobody finds it. */
const FORK_TO_EXEC_MS = 250;

/**
 * Starts a program; or answers the error why it could not be (as `spawn` gives it). It has ended at its `exit`,
 * once its pipes hold nothing more: who was left in the background holds nothing up, and is left alone.
 */
export async function spawnCommand(
  { pipes, start }: SpawnDeps,
  command: SpawnedCommand,
): Promise<Spawned | Error> {
  const { file, args, cwd, env, mark } = command;
  const opened = await openPipes(pipes, command);
  const { outputs, input } = opened;
  const started = await start({
    file,
    args,
    cwd,
    env: { ...env, [mark.name]: mark.value },
    stdin: input?.path,
    stdout: outputs.stdout.path,
    stderr: outputs.stderr.path,
  });
  input?.opened();
  outputs.closeWriters();
  if (!(started instanceof Error)) return spawnedOf(started, command, opened);
  opened.destroy();
  if (codeOf(started) === START_LOST) {
    // It may have been started all the same.
    await pause(FORK_TO_EXEC_MS);
    await killMembers(ownerOf(command, undefined));
  }
  return started;
}

function spawnedOf(
  { pid, exited }: Started,
  command: SpawnedCommand,
  { outputs, input }: Pipes,
): Spawned {
  const owner = ownerOf(command, pid);
  const reading = setTimeout(outputs.start, READ_AFTER_MS);
  const ended = exited.then(async (end): Promise<CarriedEnd> => {
    clearTimeout(reading);
    if ("lost" in end) await killMembers(owner);
    input?.destroy();
    outputs.finish();
    if ("lost" in end) return LOST;
    return { exitCode: end.code ?? -1, ...(end.signal !== null && { signal: end.signal }) };
  });
  return {
    pid,
    ended,
    pause: outputs.pause,
    resume: outputs.resume,
    ...(input !== undefined && { input }),
    stop: (graceMs) => stopMembers({ owner, ended: exited, graceMs }),
  };
}

function ownerOf({ mark }: SpawnedCommand, root: number | undefined): Owner {
  return { mark, root, sparesRoot: false };
}

/** A job takes the signal for its end, a call the refusal. */
const LOST: CarriedEnd = {
  exitCode: -1,
  signal: "SIGKILL",
  ...refuse("internal_error", "the node's process that had started it ended: it was killed"),
};

/** What could not be started, for a result. */
export function startRefusal(error: Error, file: string, cwd: string) {
  const code = codeOf(error);
  if (code === START_LOST)
    return refuse("internal_error", `${error.message}: what may run of it was killed`);
  if (code === "ENOENT" || code === "ENOTDIR") {
    const what = `there is no program "${file}", or no folder ${cwd} (${code})`;
    const hint = /[\s;&|<>$]/.test(file) ? "; a line for a shell comes as `command`: -c" : "";
    return refuse("exec_failed", what + hint);
  }
  if (code === "E2BIG") {
    return refuse("bad_request", `the arguments or variables of "${file}" are too long (${code})`);
  }
  return refuse("exec_failed", `"${file}" cannot be started (${code})`);
}
