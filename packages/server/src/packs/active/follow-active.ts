import type { PackDefinition, QueueDefinition } from "@yardmaster/kernel";
import type { Pool } from "pg";
import { isConnectionLoss, type Log } from "../../db/index.ts";
import { type ActiveRow, readActiveSet, readRevision } from "../packs.store.ts";
import type { ActivePack } from "../packs.types.ts";
import { type ActiveDefinitions, arrange } from "./active-set.ts";
import { coalesced } from "./coalesced.ts";
import type { PackCache } from "./pack-cache.ts";

export interface Follower {
  definitions(): ActiveDefinitions;
  /** Brings memory up to what the database has after the call. Fails while the database is away. */
  refresh(): Promise<void>;
  /** `prepare` is waited for before what is new is used; where it fails, the next refresh tries again. */
  beforeChange(prepare: (queues: readonly QueueDefinition[]) => Promise<void>): () => void;
  onChange(listener: () => void): () => void;
}

interface Deps {
  readonly pool: Pool;
  readonly cache: PackCache;
  readonly log: Log;
  readonly closed: AbortSignal;
}

/** Keeps what is active in memory, whichever process activated it. */
export function createFollower({ pool, cache, log, closed }: Deps): Follower {
  const preparing = new Set<Parameters<Follower["beforeChange"]>[0]>();
  const listeners = new Set<() => void>();
  let definitions = arrange(-1, []);

  const refresh = coalesced(async () => {
    if ((await readRevision(pool)) === definitions.rules.revision) return;
    const { revision, rows } = await readActiveSet(pool);
    if (isSameSet(rows, definitions.packs)) {
      // Something else that events are judged by has changed, such as a rule that was switched off.
      definitions = { ...definitions, rules: { ...definitions.rules, revision } };
      return;
    }
    const packs: ActivePack[] = [];
    for (const row of rows) {
      const definition = await load(row);
      if (definition !== undefined) packs.push(activePack(row, definition));
    }
    cache.keep(new Set(rows.map((row) => row.digest)));
    const next = arrange(revision, packs);
    for (const prepare of preparing) await prepare(next.queues);
    definitions = next;
    for (const listener of listeners) listener();
  });

  /** One pack that this build cannot compile must not keep the others from being taken up. */
  async function load(row: ActiveRow): Promise<PackDefinition | undefined> {
    try {
      return await cache.load(row.digest);
    } catch (error) {
      if (isConnectionLoss(error) || closed.aborted) throw error;
      const details = { err: error, pack: row.name, digest: row.digest };
      log.error(details, "an active pack cannot be used");
      return undefined;
    }
  }

  return {
    definitions: () => definitions,
    refresh,
    beforeChange(prepare) {
      preparing.add(prepare);
      return () => preparing.delete(prepare);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function isSameSet(rows: readonly ActiveRow[], packs: readonly ActivePack[]): boolean {
  const isKnown = (row: ActiveRow): boolean =>
    packs.some((pack) => pack.definition.digest === row.digest && pack.folder === row.folder);
  return rows.length === packs.length && rows.every(isKnown);
}

function activePack(row: ActiveRow, definition: PackDefinition): ActivePack {
  const activatedAt = new Date(row.activated_at).toISOString();
  return { definition, folder: row.folder, activatedAt };
}
