import type { PackDefinition, Problem } from "@yardmaster/kernel";
import type { Pool } from "pg";
import { inSlices } from "../../slices.ts";
import type { LoadedFolder } from "../active/plan-activation.ts";
import { claimsOf } from "../claims.ts";
import { compileFiles } from "../compile/compile-files.ts";
import { readFolder } from "./read-folder.ts";
import type { FolderScan } from "./scan-folder.ts";
import type { RootsScan } from "./scan-roots.ts";
import { storePack } from "./store-pack.ts";

interface Deps {
  readonly pool: Pool;
  /** Gets each pack that was compiled, so that it need not be compiled from the store again. */
  readonly onCompiled: (pack: PackDefinition) => void;
  /** From then on nothing more is compiled. */
  readonly closed: AbortSignal;
}

/**
 * Reads, compiles and stores the packs of a scan. A folder that has not changed since it was last read is not
 * read again; only what has no problem is stored.
 */
export function createFolderLoader({ pool, onCompiled, closed }: Deps) {
  let known = new Map<string, { readonly fingerprint: string; readonly loaded: LoadedFolder }>();

  async function load(scan: FolderScan): Promise<LoadedFolder> {
    const before = known.get(scan.folder);
    if (before?.fingerprint === scan.fingerprint) return before.loaded;
    const read = await readFolder(scan);
    if (!read.ok) {
      const problems = read.errors.map(({ path, message }) => problemOf(path, message));
      return { folder: scan.folder, name: undefined, good: undefined, problems };
    }
    const { content } = read;
    const { name, pack, problems } = await inSlices(
      compileFiles(
        content.digest,
        content.files,
        (file) => content.contents.get(file.sha256) as Buffer,
      ),
      closed,
    );
    if (pack === undefined) return { folder: scan.folder, name, good: undefined, problems };
    await storePack(pool, pack, content);
    onCompiled(pack);
    const good = { digest: pack.digest, claims: claimsOf(pack) };
    return { folder: scan.folder, name, good, problems };
  }

  return async (scan: RootsScan): Promise<LoadedFolder[]> => {
    const next: typeof known = new Map();
    for (const folder of scan.packs) {
      const loaded = await load(folder);
      next.set(folder.folder, { fingerprint: folder.fingerprint, loaded });
    }
    known = next;
    const all = [...next.values()].map((one) => one.loaded);
    return [...all, ...scan.unreadable.map(unreadable)];
  };
}

function unreadable(one: { folder: string; message: string }): LoadedFolder {
  const problems = [
    problemOf(".", `${one.message}; it is looked at again, and taken up when it is there`),
  ];
  return { folder: one.folder, name: undefined, good: undefined, problems };
}

function problemOf(file: string, message: string): Problem {
  return { file, line: 1, column: 1, message };
}
