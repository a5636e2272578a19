import { spawnSync } from "node:child_process";
import { AppError } from "@yardmaster/protocol";
import { groupId, type PasswdUser, passwdUsers } from "../../passwd.ts";

/** Whom the programs of runs are run as, where that is not who runs the server. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** Their HOME. */
  readonly home: string;
}

const FORM = /^[^:\s]+(:[^:\s]+)?$/;
const NUMBER = /^\d+$/;

/** Why a text cannot name a user, by its form alone. */
export function runAsFlaw(text: string): string | undefined {
  if (FORM.test(text)) return undefined;
  return "must be a user of this machine, as a name or number, with its group if need be: nobody, 1000:1000";
}

/**
 * The user, as this machine knows it.
 * @throws AppError `invalid_setting` where there is no such user, or this process may not become it
 */
export function readRunAs(text: string): RunAs | undefined {
  const own = process.getuid?.();
  if (own === undefined) throw flaw("this system has no users that a process could become");
  const user = userOf(text);
  if (user.uid === own) {
    if (own === 0) throw flaw("root is who is to be kept from the programs; name another user");
    return undefined;
  }
  if (own !== 0) throw flaw(`only root may run programs as ${text}; start as root, or as ${text}`);
  const tried = spawnSync("/bin/sh", ["-c", ":"], { ...idsOf(user), cwd: "/" });
  if (tried.error !== undefined)
    throw flaw(`nothing can be run as ${text} here (${tried.error.message})`);
  return user;
}

function userOf(text: string): RunAs {
  const [name = "", group] = text.split(":");
  const users = passwdUsers();
  const known = users.find((user) => user.name === name) ?? byNumber(users, name);
  if (known === undefined && !NUMBER.test(name))
    throw flaw(`there is no user ${name} in /etc/passwd`);
  const gid = group === undefined ? known?.gid : gidOf(group);
  if (gid === undefined) throw flaw(`user ${name} is not in /etc/passwd: say its group, ${name}:0`);
  return { uid: known?.uid ?? Number(name), gid, home: known?.home ?? "/" };
}

function byNumber(users: readonly PasswdUser[], text: string): PasswdUser | undefined {
  return NUMBER.test(text) ? users.find(({ uid }) => uid === Number(text)) : undefined;
}

function gidOf(group: string): number {
  const gid = groupId(group) ?? (NUMBER.test(group) ? Number(group) : undefined);
  if (gid === undefined) throw flaw(`there is no group ${group} in /etc/group`);
  return gid;
}

function flaw(what: string): AppError {
  return new AppError("invalid_setting", `YARD_RUN_AS: ${what}.`);
}

/** What a process is started with to be that user's; libuv drops the groups of root with it. */
export function idsOf(user: RunAs | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

/** An environment with that user's home: the server's is closed to it. */
export function atHome(
  base: Readonly<Record<string, string>>,
  user: RunAs | undefined,
): Readonly<Record<string, string>> {
  return user === undefined ? base : { ...base, HOME: user.home };
}
