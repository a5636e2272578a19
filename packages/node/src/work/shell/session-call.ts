import { randomBytes } from "node:crypto";
import type { Carried, CarriedEnd, OnOutput } from "../calls/carried.ts";
import { type Environment, MARK, markValue } from "../environment.ts";
import { READ_AFTER_MS } from "../pipes/open-outputs.ts";
import { openPipes, type Pipes } from "../pipes/open-pipes.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import { stopMembers } from "../processes/stop.ts";
import { refuse } from "../refusal.ts";
import { within } from "../within.ts";
import type { CommandFile } from "./command-file.ts";
import type { Shell, ShellEnd } from "./shell.ts";

export interface SessionCall {
  readonly id: string;
  readonly command: string;
  /** Absolute; there, and allowed. */
  readonly cwd?: string;
  readonly env: Environment;
  readonly stdin: "null" | "pipe";
  readonly onOutput: OnOutput;
}

/** The shell that a call runs in, and where it stands before. */
export interface CallPlace {
  readonly shell: Shell;
  readonly cwd: string;
  readonly file: CommandFile;
  readonly pipes: PipeFolder;
  /** The call has ended, and the shell with it or not. */
  readonly onEnd: (end: ShellEnd) => void;
}

/** A shell takes this long, at the most, to say that what it waited for is gone. */
const AFTERMATH_MS = 500;
const NOTHING = "/dev/null";

/**
 * Runs one call in a shell. It has ended when the shell says so, or has itself; and, where it was stopped, when
 * none of its processes is left and the shell is fit for the next.
 * @throws Error where its pipes or its file cannot be made
 */
export async function runInShell(call: SessionCall, place: CallPlace): Promise<Carried> {
  const opened = await openPipes(place.pipes, call);
  try {
    place.file.write(call.command);
  } catch (error) {
    opened.destroy();
    throw error;
  }
  // Before the shell is told: on a busy machine it may have forked what it is to run before the next line here.
  const ageMs = startAge();
  return attend(call, place, { pipes: opened, words: tellShell(call, place, opened), ageMs });
}

function tellShell(
  call: SessionCall,
  { shell, cwd, file }: CallPlace,
  { outputs, input }: Pipes,
): Promise<ShellEnd> {
  const told = {
    nonce: randomBytes(6).toString("hex"),
    commandFile: file.path,
    stdin: input?.path ?? NOTHING,
    stdout: outputs.stdout.path,
    stderr: outputs.stderr.path,
    saysBegun: input !== undefined,
    env: { ...call.env, [MARK.call]: markValue(call.id) },
    cwd: call.cwd === undefined ? undefined : { to: call.cwd, back: cwd },
  };
  return shell.run(told, () => input?.opened());
}

/** A call that the shell has been told of. */
interface Told {
  readonly pipes: Pipes;
  readonly words: Promise<ShellEnd>;
  readonly ageMs: () => number;
}

function attend(
  call: SessionCall,
  { shell, file, onEnd }: CallPlace,
  { pipes: { outputs, input }, words, ageMs }: Told,
): Carried {
  const reading = setTimeout(() => outputs.start(), READ_AFTER_MS);
  let stopping: Promise<unknown> | undefined;
  let isOver = false;

  const ended = words.then(async (end): Promise<CarriedEnd> => {
    isOver = true;
    clearTimeout(reading);
    input?.destroy();
    outputs.finish();
    file.clear();
    await stopping;
    onEnd(end);
    return endOf(end, call);
  });

  const stop = async (graceMs: number): Promise<"SIGTERM" | "SIGKILL"> => {
    const mark = { name: MARK.call, value: markValue(call.id) };
    const owner = { mark, root: shell.pid, sparesRoot: true, ageMs };
    const nudge = () => {
      if (!shell.interrupt()) shell.signal("SIGTERM");
    };
    const signal = await stopMembers({ owner, ended: words, graceMs, nudge });
    if (await within(words, AFTERMATH_MS)) {
      shell.afterInterrupt();
      return signal;
    }
    shell.signal("SIGKILL");
    return "SIGKILL";
  };

  return {
    ended,
    pause: outputs.pause,
    resume: outputs.resume,
    ...(input !== undefined && { input }),
    stop(graceMs) {
      if (isOver) return Promise.resolve("SIGTERM");
      const mine = stop(graceMs);
      stopping = stopping === undefined ? mine : Promise.all([stopping, mine]);
      return mine;
    },
  };
}

/** How long ago this was, by the clock that a sleeping machine does not stop, unless somebody has set that back. */
function startAge(): () => number {
  const began = performance.now();
  const beganAt = Date.now();
  return () => Math.max(performance.now() - began, Date.now() - beganAt);
}

function endOf(end: ShellEnd, { cwd }: SessionCall): CarriedEnd {
  switch (end.kind) {
    case "done":
      return { exitCode: end.exitCode, ...(end.cwd !== "" && { cwd: end.cwd }) };
    case "no_folder":
      return { exitCode: -1, ...refuse("cwd_rejected", `the folder ${cwd} cannot be entered`) };
    case "exited":
      return {
        exitCode: end.exitCode ?? -1,
        ...(end.signal !== null && { signal: end.signal }),
        shellRestarted: true,
      };
  }
}
