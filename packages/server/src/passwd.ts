import { readFileSync } from "node:fs";

/** A user of this machine. */
export interface PasswdUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The users in /etc/passwd (passwd(5)), in its order; those of a directory service are not among them. */
export function passwdUsers(): PasswdUser[] {
  return fieldsOf("/etc/passwd").map(([name = "", , uid, gid, , home = ""]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home: home === "" ? "/" : home,
  }));
}

/** The number of a group in /etc/group (group(5)). */
export function groupId(name: string): number | undefined {
  const found = fieldsOf("/etc/group").find(([own]) => own === name);
  return found === undefined ? undefined : Number(found[2]);
}

function fieldsOf(path: string): string[][] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length > 2 && fields[0] !== "");
}
