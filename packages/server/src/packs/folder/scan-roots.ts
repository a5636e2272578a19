import { readdir, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { failureCode } from "@yardmaster/protocol";
import { type FolderScan, scanFolder } from "./scan-folder.ts";

/** All that the folders of YARD_PACKS hold at one moment. */
export interface RootsScan {
  readonly packs: readonly FolderScan[];
  /** Folders beside packs that may become such: pack.yaml is not there yet. */
  readonly others: readonly string[];
  /** Folders that cannot be read, or are not there. What came from them stays as it is. */
  readonly unreadable: readonly { readonly folder: string; readonly message: string }[];
  readonly fingerprint: string;
}

/** Each root is a pack (it has a pack.yaml) or holds packs. */
export async function scanRoots(roots: readonly string[]): Promise<RootsScan> {
  const packs: FolderScan[] = [];
  const others: string[] = [];
  const unreadable: { folder: string; message: string }[] = [];
  for (const root of roots) {
    const found = await foldersOf(root).catch((error: unknown) => complain(root, error));
    others.push(...(found?.others ?? []));
    for (const folder of found?.misnamed ?? []) unreadable.push({ folder, message: MISNAMED });
    for (const folder of found?.packs ?? []) {
      if (packs.some((known) => known.folder === folder)) continue;
      const scan = await scanFolder(folder).catch((error: unknown) => complain(folder, error));
      if (scan !== undefined) packs.push(scan);
    }
  }
  const marks = packs.map((pack) => `${pack.folder} ${pack.fingerprint}`);
  const fingerprint = [...marks, ...unreadable.map((one) => `${one.folder} ${one.message}`)];
  return { packs, others, unreadable, fingerprint: fingerprint.join("\n") };

  function complain(folder: string, error: unknown): undefined {
    const code = failureCode(error);
    if (code === undefined) throw error;
    const message =
      code === "ENOENT"
        ? missing(folder)
        : code === "ENOTDIR"
          ? "is no folder; a pack is given by its folder, in which pack.yaml lies"
          : `cannot be read (${code})`;
    unreadable.push({ folder, message });
  }
}

/** People separate lists as they do elsewhere; folders may have such names all the same. */
function missing(folder: string): string {
  const hint = /[,;]/.test(folder) ? `; folders are separated by "${delimiter}"` : "";
  return `there is no such folder${hint}`;
}

const MISNAMED = "has a pack.yml; its name must be pack.yaml";

interface FoundFolders {
  readonly packs: readonly string[];
  readonly others: readonly string[];
  /** Folders that were meant to be packs: in them is a pack.yml. */
  readonly misnamed: readonly string[];
}

async function foldersOf(root: string): Promise<FoundFolders> {
  if (await isFile(join(root, "pack.yaml"))) return { packs: [root], others: [], misnamed: [] };
  if (await isMisnamed(root)) return { packs: [], others: [], misnamed: [root] };
  const entries = await readdir(root, { withFileTypes: true });
  const packs: string[] = [];
  const others: string[] = [];
  const misnamed: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const folder = join(root, entry.name);
    if (await isFile(join(folder, "pack.yaml"))) packs.push(folder);
    else if (entry.isDirectory()) {
      others.push(folder);
      if (await isMisnamed(folder)) misnamed.push(folder);
    }
  }
  return { packs, others, misnamed };
}

function isMisnamed(folder: string): Promise<boolean> {
  return isFile(join(folder, "pack.yml"));
}

async function isFile(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true;
}
