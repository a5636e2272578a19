import { readdir, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type FolderScan, scanFolder } from "./scan-folder.ts";

/** All that the folders of YARD_PACKS hold at one moment. */
export interface RootsScan {
  readonly packs: readonly FolderScan[];
  /** Folders that cannot be read, or are not there. What came from them stays as it is. */
  readonly unreadable: readonly { readonly folder: string; readonly message: string }[];
  readonly fingerprint: string;
}

/** Each root is a pack (it has a pack.yaml) or holds packs. */
export async function scanRoots(roots: readonly string[]): Promise<RootsScan> {
  const packs: FolderScan[] = [];
  const unreadable: { folder: string; message: string }[] = [];
  for (const root of roots) {
    const folders = await packFolders(root).catch((error: unknown) => complain(root, error));
    for (const folder of folders) {
      if (packs.some((known) => known.folder === folder)) continue;
      const scan = await scanFolder(folder).catch((error: unknown) => complain(folder, error)[0]);
      if (scan !== undefined) packs.push(scan);
    }
  }
  const marks = packs.map((pack) => `${pack.folder} ${pack.fingerprint}`);
  const fingerprint = [...marks, ...unreadable.map((one) => `${one.folder} ${one.message}`)];
  return { packs, unreadable, fingerprint: fingerprint.join("\n") };

  function complain(folder: string, error: unknown): never[] {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    const message =
      code === "ENOENT"
        ? missing(folder)
        : code === "ENOTDIR"
          ? "is no folder; a pack is given by its folder, in which pack.yaml lies"
          : `cannot be read (${code})`;
    unreadable.push({ folder, message });
    return [];
  }
}

/** People separate lists as they do elsewhere; folders may have such names all the same. */
function missing(folder: string): string {
  const hint = /[,;]/.test(folder) ? `; folders are separated by "${delimiter}"` : "";
  return `there is no such folder${hint}`;
}

async function packFolders(root: string): Promise<string[]> {
  if (await isFile(join(root, "pack.yaml"))) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.map((entry) => entry.name).filter((name) => !name.startsWith("."));
  const found: string[] = [];
  for (const name of names.sort())
    if (await isFile(join(root, name, "pack.yaml"))) found.push(join(root, name));
  return found;
}

async function isFile(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true;
}
