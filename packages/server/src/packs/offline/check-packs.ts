import type { Problem } from "@yardmaster/kernel";
import { compileFiles } from "../compile-files.ts";
import { readFolder } from "../folder/read-folder.ts";
import type { FolderScan } from "../folder/scan-folder.ts";
import { scanRoots } from "../folder/scan-roots.ts";

/** What became of one pack. `file` of a problem is a path from `folder`, with `/`. */
export interface PackCheck {
  readonly folder: string;
  /** Null where pack.yaml does not say it. */
  readonly pack: string | null;
  readonly version: string | null;
  readonly actions: readonly string[];
  readonly workflows: readonly string[];
  readonly rules: readonly string[];
  readonly sources: readonly string[];
  readonly queues: readonly string[];
  readonly problems: readonly Problem[];
}

export interface ChecksOfPacks {
  readonly packs: readonly PackCheck[];
  /** Roots that could not be looked at, and why. */
  readonly unreadable: readonly { readonly folder: string; readonly message: string }[];
}

/** Compiles the packs of these folders as a server would, without one; each root is a pack or holds packs. */
export async function checkPacks(roots: readonly string[]): Promise<ChecksOfPacks> {
  const { packs, unreadable } = await scanRoots(roots);
  return { packs: await Promise.all(packs.map(checkPack)), unreadable };
}

async function checkPack(scan: FolderScan): Promise<PackCheck> {
  const read = await readFolder(scan);
  if (!read.ok) {
    const places = read.errors.map(({ path, message }) => ({
      file: path,
      line: 1,
      column: 1,
      message,
    }));
    return { ...NOTHING, folder: scan.folder, problems: places };
  }
  const { digest, files, contents } = read.content;
  const { name, pack, problems } = compileFiles(
    digest,
    files,
    (file) => contents.get(file.sha256) as Buffer,
  );
  return {
    folder: scan.folder,
    pack: name ?? null,
    version: pack?.version ?? null,
    actions: [...(pack?.actions.keys() ?? [])],
    workflows: [...(pack?.workflows.keys() ?? [])],
    rules: pack?.rules.map((rule) => rule.ref) ?? [],
    sources: pack?.sources.map((source) => source.name) ?? [],
    queues: pack?.queues.map((queue) => queue.name) ?? [],
    problems,
  };
}

const NOTHING = {
  pack: null,
  version: null,
  actions: [],
  workflows: [],
  rules: [],
  sources: [],
  queues: [],
} as const;
