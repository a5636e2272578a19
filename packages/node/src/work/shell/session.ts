import { join } from "node:path";
import { type Carried, notCarried } from "../calls/carried.ts";
import { type Environment, MARK } from "../environment.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import type { Owner } from "../processes/members.ts";
import { killMembers } from "../processes/stop.ts";
import { codeOf } from "../refusal.ts";
import { type CommandFile, createCommandFile } from "./command-file.ts";
import { runInShell, type SessionCall } from "./session-call.ts";
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

interface Living {
  readonly shell: Shell;
  readonly id: string;
  cwd: string;
}

export function createSession(name: string, mark: string, deps: SessionDeps): Session {
  const { pipes, program } = deps;
  const env = { ...deps.env, [MARK.shell]: mark };
  let living: Promise<Living | Error> | undefined;
  /** The one that calls run in. */
  let current: Living | undefined;
  let hasLost = false;
  let lastCwd: string | undefined;
  let file: CommandFile | undefined;

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
      current = present;
      if (present.shell.isAlive()) return present;
      hasLost = true;
    }
    living = start();
    return await living.then((fresh) => {
      if (!(fresh instanceof Error)) current = fresh;
      return fresh;
    });
  };

  const run = async (call: SessionCall): Promise<Carried> => {
    const present = await alive();
    if (present instanceof Error) return refused(`the shell cannot be started: ${codeOf(present)}`);
    file ??= createCommandFile(join(pipes.path, mark.replaceAll(/[^A-Za-z0-9]/g, "-")));
    const isLate = hasLost;
    const { shell, cwd } = present;
    const onEnd = (end: ShellEnd): void => settle(present, call, end);
    const carried = await runInShell(call, { shell, cwd, file, pipes, onEnd });
    hasLost = false;
    if (!isLate) return carried;
    return { ...carried, ended: carried.ended.then((end) => ({ ...end, shellRestarted: true })) };
  };

  const settle = (present: Living, call: SessionCall, end: ShellEnd): void => {
    if (end.kind === "done") lastCwd = present.cwd = standsAt(call, present.cwd, end.cwd);
    if (end.kind === "exited" && current === present) living = start();
  };

  return {
    name,
    cwd: () => lastCwd,
    warm() {
      living ??= start();
    },
    async run(call) {
      try {
        return await run(call);
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
      current = undefined;
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

/** Where the shell stands after the call: it went back from a folder that was given for the call alone. */
function standsAt(call: SessionCall, before: string, after: string): string {
  if (after === "") return before;
  return call.cwd !== undefined && after === call.cwd ? before : after;
}

function refused(detail: string): Carried {
  return notCarried({ reason: "internal_error", detail });
}
