import { type ChildProcess, spawn } from "node:child_process";
import { type Environment, MARK, markValue } from "../environment.ts";
import {
  closeQuietly,
  type InputPipe,
  openInputPipe,
  openInputReader,
} from "../pipes/input-pipe.ts";
import { type Outputs, openOutputs, READ_AFTER_MS } from "../pipes/open-outputs.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import type { Owner } from "../processes/members.ts";
import { stopMembers } from "../processes/stop.ts";
import { codeOf, refuse } from "../refusal.ts";
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

/**
 * Starts a program; or answers the error why it could not be (as `spawn` gives it). It has ended at its `exit`,
 * once its pipes hold nothing more: who was left in the background holds nothing up, and is left alone.
 */
export async function spawnCommand(
  pipes: PipeFolder,
  command: SpawnedCommand,
): Promise<Spawned | Error> {
  const { onOutput } = command;
  const outputs = await openOutputs(
    pipes,
    (bytes) => onOutput("stdout", bytes),
    (bytes) => onOutput("stderr", bytes),
  );
  const input =
    command.stdin === "pipe" ? openInputPipe((await pipes.take(1))[0] ?? "") : undefined;
  const child = await spawnWith(command, outputs, input);
  outputs.closeWriters();
  if (child instanceof Error) {
    outputs.destroy();
    input?.destroy();
    return child;
  }
  return spawnedOf(child, command, outputs, input);
}

type Started = ChildProcess & { readonly pid: number };

/** Some of Node's errors are thrown, others emitted. */
function spawnWith(
  { file, args, cwd, env, mark }: SpawnedCommand,
  outputs: Outputs,
  input: InputPipe | undefined,
): Started | Error | Promise<Error> {
  const stdin = input === undefined ? undefined : openInputReader(input);
  try {
    const child = spawn(file, args, {
      cwd,
      env: { ...env, [mark.name]: mark.value },
      detached: true,
      stdio: [stdin ?? "ignore", outputs.stdout.writer, outputs.stderr.writer],
    });
    if (child.pid !== undefined) return child as Started;
    return new Promise((resolve) => child.once("error", resolve));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    if (stdin !== undefined) closeQuietly(stdin);
    input?.opened();
  }
}

function spawnedOf(
  child: Started,
  { mark }: SpawnedCommand,
  outputs: Outputs,
  input: InputPipe | undefined,
): Spawned {
  const reading = setTimeout(outputs.start, READ_AFTER_MS);
  const exited = new Promise<CarriedEnd>((resolve) => {
    child.once("exit", (code, signal) => {
      clearTimeout(reading);
      resolve({ exitCode: code ?? -1, ...(signal !== null && { signal }) });
    });
  });
  return {
    pid: child.pid,
    ended: exited.then((end) => {
      input?.destroy();
      outputs.finish();
      return end;
    }),
    pause: outputs.pause,
    resume: outputs.resume,
    ...(input !== undefined && { input }),
    stop: (graceMs) =>
      stopMembers({
        owner: { mark, root: child.pid, sparesRoot: false },
        ended: exited,
        graceMs,
      }),
  };
}

/** What could not be started, for a result. */
export function startRefusal(error: Error, file: string, cwd: string) {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return refuse("exec_failed", `there is no program "${file}", or no folder ${cwd} (${code})`);
  }
  if (code === "E2BIG") {
    return refuse("bad_request", `the arguments or variables of "${file}" are too long (${code})`);
  }
  return refuse("exec_failed", `"${file}" cannot be started (${code})`);
}
