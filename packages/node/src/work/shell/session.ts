import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Carried, CarriedEnd, OnOutput } from "../calls/carried.ts";
import { type Environment, MARK, markValue } from "../environment.ts";
import { type InputPipe, openInputPipe } from "../pipes/input-pipe.ts";
import { type Outputs, openOutputs } from "../pipes/open-outputs.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import type { Owner } from "../processes/members.ts";
import { killMembers, stopMembers } from "../processes/stop.ts";
import { codeOf, refuse } from "../refusal.ts";
import { within } from "../within.ts";
import { createCommandFile } from "./command-file.ts";
import { type Shell, type ShellEnd, startShell } from "./shell.ts";
import type { ShellProgram } from "./shell-program.ts";

export interface SessionDeps {
  readonly pipes: PipeFolder;
  readonly program: ShellProgram;
  /** What its shells start with; the session's own mark comes on top. */
  readonly env: Environment;
  /** Where a fresh shell stands. */
  readonly startFolder: () => string;
  /** Unique over all shells of this node. */
  readonly newShellId: () => string;
}

export interface SessionCall {
  readonly id: string;
  readonly command: string;
  /** Absolute; there, and allowed. */
  readonly cwd?: string;
  readonly env: Environment;
  readonly stdin: "null" | "pipe";
  readonly onOutput: OnOutput;
}

/**
 * A named shell that keeps its folder and its variables between calls. One call at a time: who calls sees to it.
 * A shell that ended (`exit`, `exec`, a kill) is replaced by a fresh one, and the call says so.
 */
export interface Session {
  readonly name: string;
  /** Never rejects: what cannot be carried out ends with a refusal. */
  run(call: SessionCall): Promise<Carried>;
  /** Where its shell stands; undefined before the first call. */
  cwd(): string | undefined;
  /** Starts the shell now, so that the first call need not wait. */
  warm(): void;
  /** Kills everything that was ever started in it, and starts a fresh shell. */
  reset(): Promise<{ readonly shellId: string; readonly cwd: string; readonly killed: number }>;
  /** Kills its shell, and leaves alone what runs in the background. */
  close(): void;
}

/** Most commands end sooner: reading as they write would only cost. Output beyond the pipe's 64 KiB waits so long. */
const READ_AFTER_MS = 2;
/** A shell takes this long, at the most, to say that what it waited for is gone. */
const AFTERMATH_MS = 500;
const NOTHING = "/dev/null";

interface Living {
  readonly shell: Shell;
  readonly id: string;
  cwd: string;
}

export function createSession(name: string, mark: string, deps: SessionDeps): Session {
  const { pipes, program } = deps;
  const env = { ...deps.env, [MARK.shell]: mark };
  let living: Promise<Living | Error> | undefined;
  let hasLost = false;
  let lastCwd: string | undefined;
  let file: ReturnType<typeof createCommandFile> | undefined;

  const start = async (): Promise<Living | Error> => {
    const cwd = deps.startFolder();
    const shell = await startShell({ program, cwd, env });
    if (shell instanceof Error) return shell;
    return { shell, id: deps.newShellId(), cwd };
  };

  const sessionOwner = (shell: Shell | undefined): Owner => ({
    mark: { name: MARK.shell, value: mark },
    root: shell?.pid,
    sparesRoot: false,
  });

  /** The living shell, or a fresh one in its place. */
  const alive = async (): Promise<Living | Error> => {
    const present = await living;
    if (present !== undefined && !(present instanceof Error)) {
      if (present.shell.isAlive()) return present;
      hasLost = true;
    }
    living = start();
    return await living;
  };

  const wordsOf = async (
    call: SessionCall,
    { shell, cwd }: Living,
    outputs: Outputs,
    input: InputPipe | undefined,
  ): Promise<ShellEnd> => {
    file ??= createCommandFile(join(pipes.path, mark.replaceAll(/[^A-Za-z0-9]/g, "-")));
    file.write(call.command);
    const end = await shell.run(
      {
        nonce: randomBytes(6).toString("hex"),
        commandFile: file.path,
        stdin: input?.path ?? NOTHING,
        stdout: outputs.stdout.path,
        stderr: outputs.stderr.path,
        saysBegun: input !== undefined,
        env: { ...call.env, [MARK.call]: markValue(call.id) },
        cwd: call.cwd === undefined ? undefined : { to: call.cwd, back: cwd },
      },
      () => input?.opened(),
    );
    file.clear();
    return end;
  };

  const carry = (
    call: SessionCall,
    present: Living,
    outputs: Outputs,
    input: InputPipe | undefined,
  ): Carried => {
    const words = wordsOf(call, present, outputs, input);
    const reading = setTimeout(() => outputs.start(), READ_AFTER_MS);
    const ageMs = startAge();
    const restarted = hasLost;
    hasLost = false;

    const ended = words.then(async (end): Promise<CarriedEnd> => {
      clearTimeout(reading);
      input?.destroy();
      outputs.finish();
      if (end.kind === "done") lastCwd = present.cwd = standsAt(call, present.cwd, end.cwd);
      if (end.kind === "exited" && (await living) === present) living = start();
      return {
        ...endOf(end, call),
        ...((restarted || end.kind === "exited") && { shellRestarted: true }),
      };
    });

    return {
      ended,
      pause: outputs.pause,
      resume: outputs.resume,
      ...(input !== undefined && { input }),
      async stop(graceMs) {
        const { shell } = present;
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
      },
    };
  };

  return {
    name,
    cwd: () => lastCwd,
    warm() {
      living ??= start();
    },
    async run(call) {
      try {
        const present = await alive();
        if (present instanceof Error)
          return refused(`the shell cannot be started: ${codeOf(present)}`);
        const { onOutput } = call;
        const outputs = await openOutputs(
          pipes,
          (bytes) => onOutput("stdout", bytes),
          (bytes) => onOutput("stderr", bytes),
        );
        const input =
          call.stdin === "pipe" ? openInputPipe((await pipes.take(1))[0] ?? "") : undefined;
        return carry(call, present, outputs, input);
      } catch (error) {
        return refused(`the command's pipes cannot be made: ${codeOf(error)}`);
      }
    },
    async reset() {
      const before = living;
      let killed = 0;
      const restart = async (): Promise<Living | Error> => {
        const old = await before;
        const shell = old === undefined || old instanceof Error ? undefined : old.shell;
        const gone = await killMembers(sessionOwner(shell));
        killed = [...gone].filter((pid) => pid !== shell?.pid).length;
        return start();
      };
      living = restart();
      hasLost = false;
      const present = await living;
      if (present instanceof Error) throw present;
      return { shellId: present.id, cwd: present.cwd, killed };
    },
    close() {
      void living?.then((present) => {
        if (!(present instanceof Error)) present.shell.signal("SIGKILL");
      });
      living = undefined;
      file?.close();
      file = undefined;
    },
  };
}

/** How long ago this was, by the clock that a sleeping machine does not stop, unless somebody has set that back. */
function startAge(): () => number {
  const began = performance.now();
  const beganAt = Date.now();
  return () => Math.max(performance.now() - began, Date.now() - beganAt);
}

/** Where the shell stands after the call: it went back from a folder that was given for the call alone. */
function standsAt(call: SessionCall, before: string, after: string): string {
  if (after === "") return before;
  return call.cwd !== undefined && after === call.cwd ? before : after;
}

function endOf(end: ShellEnd, { cwd }: SessionCall): CarriedEnd {
  switch (end.kind) {
    case "done":
      return { exitCode: end.exitCode, ...(end.cwd !== "" && { cwd: end.cwd }) };
    case "no_folder":
      return { exitCode: -1, ...refuse("cwd_rejected", `the folder ${cwd} cannot be entered`) };
    case "exited":
      return { exitCode: end.exitCode ?? -1, ...(end.signal !== null && { signal: end.signal }) };
  }
}

function refused(detail: string): Carried {
  return {
    ended: Promise.resolve({ exitCode: -1, ...refuse("internal_error", detail) }),
    pause() {},
    resume() {},
    stop: () => Promise.resolve("SIGTERM"),
  };
}
