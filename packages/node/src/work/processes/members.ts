import { type TableEntry, variableOf } from "./process-table.ts";

/** How the processes of one call or job are told from all others. */
export interface Owner {
  /** A variable that each of them was started with. */
  readonly mark: { readonly name: string; readonly value: string };
  /** The process that leads their session (setsid), if there is one. */
  readonly root: number | undefined;
  /** The root is a shell that outlives the call: it is none of them, unless the call became it (`exec`). */
  readonly sparesRoot: boolean;
  /** For how long it has been theirs: what is older is not. */
  readonly ageMs?: () => number;
}

/** What is as old, to the precision of the table. */
const AGE_SLACK_MS = 30;

/**
 * Those of the table that belong to an owner: who carries its mark; and, of those that carry none (forks of the
 * shell that ran no program, programs with an emptied environment), who is in the root's session or descends from
 * a member. What is older, or in a group with the mark of another call, was left in the background by that one.
 */
export function membersOf(table: readonly TableEntry[], owner: Owner): TableEntry[] {
  const { mark, root, sparesRoot } = owner;
  const mostAgeMs = (owner.ageMs?.() ?? Number.POSITIVE_INFINITY) + AGE_SLACK_MS;
  const members = new Map<number, TableEntry>();
  const unmarked: TableEntry[] = [];
  const others = new Set<number>();
  for (const entry of table) {
    const value = variableOf(entry, mark.name);
    if (entry.pid === process.pid) continue;
    if (value === mark.value) members.set(entry.pid, entry);
    else if (entry.pid === root) {
      if (!sparesRoot) members.set(entry.pid, entry);
    } else if (value === undefined) {
      if ((entry.ageMs ?? 0) <= mostAgeMs) unmarked.push(entry);
    } else others.add(entry.group);
  }
  let found = -1;
  while (found !== members.size) {
    found = members.size;
    for (const entry of unmarked) {
      const isNear =
        members.has(entry.parent) ||
        (root !== undefined && (entry.session === root || entry.parent === root));
      if (isNear && !others.has(entry.group)) members.set(entry.pid, entry);
    }
  }
  return [...members.values()];
}

/** Everything that one run of the node started and that still runs, whatever has become of its parents. */
export function markedBy(table: readonly TableEntry[], name: string, value: string): TableEntry[] {
  return table.filter((entry) => entry.pid !== process.pid && variableOf(entry, name) === value);
}
