import type { Problem } from "@yardmaster/kernel";
import type { ActiveRow, Claims } from "../packs.store.ts";

/** A folder after it was read: a good version, or what is wrong with it. */
export interface LoadedFolder {
  readonly folder: string;
  /** Undefined where not even the name could be read. */
  readonly name: string | undefined;
  readonly good: { readonly digest: string; readonly claims: Claims } | undefined;
  readonly problems: readonly Problem[];
}

export interface ActivationPlan {
  readonly activate: readonly {
    readonly name: string;
    readonly digest: string;
    readonly folder: string;
  }[];
  readonly deactivate: readonly string[];
  readonly problems: readonly {
    readonly folder: string;
    readonly pack: string | null;
    readonly problems: readonly Problem[];
  }[];
}

type Wanted = Pick<ActiveRow, "name" | "digest" | "folder" | "claims">;

/**
 * What the folders hold is what is to be active. A pack that is gone from them leaves; one that is broken, or lies
 * in a folder that cannot be read, stays at its last good version; so does one that wants a name that another has.
 */
export function planActivation(
  active: readonly ActiveRow[],
  loaded: readonly LoadedFolder[],
  unreadable: readonly string[],
): ActivationPlan {
  const problems: { folder: string; pack: string | null; problems: readonly Problem[] }[] = [];
  const wanted: Wanted[] = [];
  const folderOf = new Map<string, string>();

  for (const { folder, name, good, problems: own } of loaded) {
    const other = name === undefined ? undefined : folderOf.get(name);
    if (name !== undefined && other === undefined) folderOf.set(name, folder);
    if (good !== undefined && name !== undefined && other === undefined)
      wanted.push({ name, digest: good.digest, folder, claims: good.claims });
    else {
      const found = other === undefined ? own : [...own, sameName(name ?? "", other)];
      problems.push({ folder, pack: name ?? null, problems: found });
    }
  }

  const next = new Map<string, Wanted>();
  for (const row of active) if (stays(row, loaded, unreadable, wanted)) next.set(row.name, row);
  for (const one of wanted.toSorted((a, b) => rank(a, active) - rank(b, active))) {
    const clash = clashOf(one, next.values());
    if (clash === undefined) next.set(one.name, one);
    else {
      const last = active.find((row) => row.name === one.name);
      if (last !== undefined && clashOf(last, next.values()) === undefined)
        next.set(one.name, last);
      problems.push({ folder: one.folder, pack: one.name, problems: [clash] });
    }
  }
  return {
    activate: [...next.values()].filter((one) => !active.some((row) => isSame(row, one))),
    deactivate: active.filter((row) => !next.has(row.name)).map((row) => row.name),
    problems,
  };
}

function stays(
  row: ActiveRow,
  loaded: readonly LoadedFolder[],
  unreadable: readonly string[],
  wanted: readonly Wanted[],
): boolean {
  if (wanted.some((one) => one.name === row.name)) return false;
  if (unreadable.some((root) => row.folder === root || isInside(row.folder, root))) return true;
  return loaded.some(
    ({ folder, name, good }) =>
      good === undefined && (name === row.name || (name === undefined && folder === row.folder)),
  );
}

function isInside(folder: string, root: string): boolean {
  return folder.startsWith(root) && /^[\\/]/.test(folder.slice(root.length));
}

/** Packs that stay as they are come first, so that it is the change that is refused, not what was there. */
function rank(one: Wanted, active: readonly ActiveRow[]): number {
  return active.some((row) => row.name === one.name && row.digest === one.digest) ? 0 : 1;
}

function isSame(row: ActiveRow, one: Wanted): boolean {
  return row.name === one.name && row.digest === one.digest && row.folder === one.folder;
}

function clashOf(one: Wanted, others: Iterable<Wanted>): Problem | undefined {
  for (const other of others) {
    if (other.name === one.name) continue;
    for (const kind of ["queues", "sources"] as const) {
      const name = one.claims[kind].find((claimed) => other.claims[kind].includes(claimed));
      if (name === undefined) continue;
      const what = kind.slice(0, -1);
      return manifestProblem(
        `the ${what} "${name}" is already defined by the pack "${other.name}"`,
      );
    }
  }
  return undefined;
}

function sameName(name: string, other: string): Problem {
  return manifestProblem(`the pack "${name}" is already in ${other}`);
}

function manifestProblem(message: string): Problem {
  return { file: "pack.yaml", line: 1, column: 1, message };
}
