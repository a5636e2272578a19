import {
  AppError,
  type ChangeSecret,
  nearest,
  type PutSecret,
  type Secret,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Audit, AuditAction } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import { growRevision, type Packs } from "../packs/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { mayUse, secretPlaceOf } from "./secret-reader.ts";
import { type NamedSecret, secretUses } from "./secret-uses.ts";
import {
  changeSecret,
  deleteSecret,
  findSecret,
  listSecrets,
  putSecret,
  type SecretRow,
} from "./secrets.store.ts";

export interface SecretsDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly packs: Pick<Packs, "active" | "refresh">;
  readonly audit: Pick<Audit, "recordWithin">;
  readonly sealer: Sealer;
}

/** A secret that is named and cannot be given. */
export interface UnmetUse extends NamedSecret {
  readonly why: "missing" | "refused";
}

/** Values that runs may use and nobody needs to see: none of these gives one back. */
export interface Secrets {
  list(): Promise<Secret[]>;
  /** @throws AppError `not_found` */
  get(name: string): Promise<Secret>;
  /** Sets a value; what is said of the secret beside it stays where nothing is given. Attempts that begin later have it. */
  put(
    name: string,
    secret: PutSecret,
    by: string,
  ): Promise<{ readonly secret: Secret; readonly created: boolean }>;
  /** @throws AppError `not_found` */
  change(name: string, change: ChangeSecret, by: string): Promise<Secret>;
  /** @throws AppError `not_found` */
  remove(name: string, by: string): Promise<void>;
  /** What the active packs name that is not set, or that their pack may not use. */
  unmet(): Promise<UnmetUse[]>;
}

export function createSecrets({ database, packs, audit, sealer }: SecretsDeps): Secrets {
  const { pool } = database;

  async function uses(): Promise<NamedSecret[]> {
    await packs.refresh();
    return secretUses(packs.active());
  }

  function viewOf({ sealed, ...row }: SecretRow, all: readonly NamedSecret[]): Secret {
    const isReadable = sealer.open(sealed, secretPlaceOf(row.name)) !== undefined;
    return {
      ...row,
      packs: row.packs === null ? null : [...row.packs],
      status: isReadable ? "ok" : "unreadable",
      used_by: all
        .filter(({ secret }) => secret === row.name)
        .map(({ kind, ref, pack }) => ({ kind, ref, pack, allowed: mayUse(row.packs, pack) })),
    };
  }

  /** Sources may have it for their secret: in every process they are read anew. */
  async function changing<T>(
    work: (client: ClientBase) => Promise<T>,
    entryOf: (changed: T) => { action: AuditAction; by: string; row: Pick<SecretRow, "name"> },
  ): Promise<T> {
    const { changed, kept } = await database.withTransaction(async (client) => {
      const made = await work(client);
      await growRevision(client);
      const { action, by, row } = entryOf(made);
      const details = detailsOf(row);
      const entry = { actor: by, action, subject: "", phase: "event", details } as const;
      // Last: it locks the head of the chain until the commit.
      return { changed: made, kept: await audit.recordWithin(client, entry) };
    });
    kept();
    return changed;
  }

  async function unknown(name: string): Promise<AppError> {
    const names = (await listSecrets(pool)).map((row) => row.name);
    const near = nearest(name, names);
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    return new AppError("not_found", `There is no secret ${name}.${hint}`);
  }

  return {
    async list() {
      const all = await uses();
      return (await listSecrets(pool)).map((row) => viewOf(row, all));
    },

    async get(name) {
      const row = await findSecret(pool, name);
      if (row === undefined) throw await unknown(name);
      return viewOf(row, await uses());
    },

    async put(name, { value, description, packs: allowed }, by) {
      const sealed = sealer.seal(value, secretPlaceOf(name));
      const { created, ...row } = await changing(
        (client) => putSecret(client, { name, sealed, by }, { description, packs: allowed }),
        (made) => ({ action: "secret.set", by, row: made }),
      );
      return { secret: viewOf(row, await uses()), created };
    },

    async change(name, { description, packs: allowed }, by) {
      const row = await changing(
        async (client) => {
          const found = await changeSecret(client, name, { description, packs: allowed }, by);
          if (found === undefined) throw await unknown(name);
          return found;
        },
        (made) => ({ action: "secret.change", by, row: made }),
      );
      return viewOf(row, await uses());
    },

    async remove(name, by) {
      await changing(
        async (client) => {
          if (!(await deleteSecret(client, name))) throw await unknown(name);
        },
        () => ({ action: "secret.remove", by, row: { name } }),
      );
    },

    async unmet() {
      const rows = new Map((await listSecrets(pool)).map((row) => [row.name, row]));
      return (await uses()).flatMap((use): UnmetUse[] => {
        const row = rows.get(use.secret);
        if (row === undefined) return [{ ...use, why: "missing" }];
        return mayUse(row.packs, use.pack) ? [] : [{ ...use, why: "refused" }];
      });
    },
  };
}

/** For the audit: never the value, sealed or not. */
function detailsOf({ name, revision, packs }: Partial<SecretRow>) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(revision === undefined ? {} : { revision }),
    ...(packs === undefined ? {} : { packs: packs === null ? null : [...packs] }),
  };
}
