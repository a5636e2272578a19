import type { PackDefinition } from "@yardmaster/kernel";
import { formatProblem } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { inSlices } from "../../slices.ts";
import { compileFiles, isDefinitionFile } from "../compile/compile-files.ts";
import type { PackFile } from "../digest.ts";
import { readBlobs, readPack } from "../packs.store.ts";

/** Compiled packs by digest. What a digest stands for never changes, so nothing here is ever stale. */
export interface PackCache {
  /** What is here already, at once. */
  peek(digest: string): PackDefinition | undefined;
  /**
   * Compiled from the stored bytes where it is not here; many who ask at once share one reading.
   * Throws AppError `definition_missing` for a digest that is not stored, and where this build cannot compile it.
   */
  load(digest: string): Promise<PackDefinition>;
  add(pack: PackDefinition): void;
  /** These stay whatever else is asked for; of the others the `maxOthers` used last. */
  keep(digests: ReadonlySet<string>): void;
}

/** Nothing more is compiled once it is closed. */
export function createPackCache(pool: Pool, maxOthers: number, closed: AbortSignal): PackCache {
  const packs = new Map<string, PackDefinition>();
  const loading = new Map<string, Promise<PackDefinition>>();
  let kept: ReadonlySet<string> = new Set();

  function add(pack: PackDefinition): void {
    packs.delete(pack.digest);
    packs.set(pack.digest, pack);
    evict();
  }

  /** A Map is in the order of insertion, and every use inserts again: the first is the one used longest ago. */
  function evict(): void {
    const others = [...packs.keys()].filter((digest) => !kept.has(digest));
    for (const digest of others.slice(0, Math.max(0, others.length - maxOthers)))
      packs.delete(digest);
  }

  function peek(digest: string): PackDefinition | undefined {
    const pack = packs.get(digest);
    if (pack !== undefined && !kept.has(digest)) {
      packs.delete(digest);
      packs.set(digest, pack);
    }
    return pack;
  }

  return {
    peek,
    add,
    load(digest) {
      const here = peek(digest);
      if (here !== undefined) return Promise.resolve(here);
      const underWay = loading.get(digest);
      if (underWay !== undefined) return underWay;
      const started = compileStored(pool, digest, closed)
        .then((pack) => {
          add(pack);
          return pack;
        })
        .finally(() => loading.delete(digest));
      loading.set(digest, started);
      return started;
    },
    keep(digests) {
      kept = digests;
      evict();
    },
  };
}

async function compileStored(
  pool: Pool,
  digest: string,
  closed: AbortSignal,
): Promise<PackDefinition> {
  const row = await readPack(pool, digest);
  if (row === undefined)
    throw new AppError("definition_missing", `no pack with the digest ${digest} is stored`);
  const definitions = row.files.filter((file) => isDefinitionFile(file.path));
  const blobs = await readBlobs(pool, [...new Set(definitions.map((file) => file.sha256))]);
  const read = (file: PackFile): Buffer => {
    const content = blobs.get(file.sha256);
    if (content === undefined)
      throw new AppError(
        "definition_missing",
        `${file.path} of the pack with the digest ${digest} is not stored`,
      );
    return content;
  };
  const compiled = await inSlices(
    compileFiles(digest, row.files, read, { isStored: true }),
    closed,
  );
  if (compiled.pack !== undefined) return compiled.pack;
  const first = compiled.problems[0];
  const reason = first === undefined ? "" : `: ${formatProblem(first)}`;
  const what = `the pack ${row.name} ${row.version} (${digest}) cannot be used by this build`;
  throw new AppError("definition_missing", `${what}${reason}`);
}
