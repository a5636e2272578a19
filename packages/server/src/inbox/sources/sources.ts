import {
  AppError,
  type CreateSource,
  type NewId,
  nearest,
  type Source,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Database } from "../../db/index.ts";
import { growRevision } from "../../packs/index.ts";
import type { Sealer } from "../../sealing/index.ts";
import { type SourceKind, sourceKinds } from "../kinds/index.ts";
import type { SignatureScheme } from "../signatures/signature.ts";
import type { Refusals } from "../webhooks/refusals.store.ts";
import { type ActiveSource, type SourceBook, secretPlace } from "./source-book.ts";
import { deleteSource, insertSource, lockSource, putSecret } from "./sources.store.ts";

export interface SourcesDeps {
  readonly database: Pick<Database, "withTransaction">;
  readonly book: SourceBook;
  /** By the name of their source. */
  readonly readRefusals: () => Promise<ReadonlyMap<string, Refusals>>;
  readonly sealer: Sealer;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Where webhooks come from. What packs define is listed here too, and changed in its pack alone. */
export interface Sources {
  list(): Promise<Source[]>;
  /** @throws AppError `not_found` */
  get(name: string): Promise<Source>;
  /** @throws AppError `invalid_request` (kind, secret), `conflict` (name) */
  create(source: CreateSource, by: string): Promise<Source>;
  /**
   * A new current secret; the one before goes on for `graceMs`.
   * @throws AppError `not_found`, `conflict`, `invalid_request` (secret)
   */
  rotate(name: string, secret: string, graceMs: number): Promise<Source>;
  /** @throws AppError `not_found`, `conflict` */
  remove(name: string): Promise<void>;
}

export function createSources(deps: SourcesDeps): Sources {
  const { database, book, readRefusals, sealer, newId, now } = deps;

  async function viewOf(name: string): Promise<Source> {
    const source = await find(name);
    return sourceView(source, (await readRefusals()).get(name), now());
  }

  async function find(name: string): Promise<ActiveSource> {
    await book.refresh();
    const source = book.find(name);
    if (source !== undefined) return source;
    const near = nearest(
      name,
      book.all().map((one) => one.name),
    );
    throw new AppError(
      "not_found",
      `There is no source ${name}.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
  }

  /** In every process at once: what was verified by the old state and is not durable yet is verified again. */
  async function change(work: (client: ClientBase) => Promise<void>): Promise<void> {
    await database.withTransaction(async (client) => {
      await work(client);
      await growRevision(client);
    });
    await book.refresh();
  }

  async function requireOwn(name: string): Promise<ActiveSource> {
    const source = await find(name);
    if (source.origin === "api") return source;
    throw new AppError("conflict", `Source ${name} is defined by a pack: change it there.`);
  }

  async function seal(
    client: ClientBase,
    sourceId: string,
    secret: string,
    graceMs: number,
  ): Promise<void> {
    const id = newId();
    await putSecret(
      client,
      sourceId,
      { id, sealed: sealer.seal(secret, secretPlace(id)) },
      graceMs,
    );
  }

  return {
    async list() {
      await book.refresh();
      const refusals = await readRefusals();
      return book.all().map((source) => sourceView(source, refusals.get(source.name), now()));
    },
    get: viewOf,
    async create({ name, kind, secret }, by) {
      const { signature } = requireKnownKind(kind);
      if (secret !== undefined) requireUsable(secret, signature);
      await book.refresh();
      if (book.find(name) !== undefined) throw taken(name);
      await change(async (client) => {
        const id = newId();
        if (!(await insertSource(client, { id, name, kind, by }))) throw taken(name);
        if (secret !== undefined) await seal(client, id, secret, 0);
      });
      return await viewOf(name);
    },
    async rotate(name, secret, graceMs) {
      const { kind } = await requireOwn(name);
      if (kind !== undefined) requireUsable(secret, kind.signature);
      await change(async (client) => {
        const id = await lockSource(client, name);
        if (id === undefined) throw new AppError("not_found", `There is no source ${name}.`);
        await seal(client, id, secret, graceMs);
      });
      return await viewOf(name);
    },
    async remove(name) {
      await requireOwn(name);
      await change(async (client) => void (await deleteSource(client, name)));
    },
  };
}

function requireKnownKind(name: string): SourceKind {
  const kind = sourceKinds.get(name);
  if (kind !== undefined) return kind;
  const expected = [...sourceKinds.keys()].join(", ");
  const near = nearest(name, sourceKinds.keys());
  const hint = near === undefined ? {} : { hint: `Did you mean ${near}?` };
  throw new AppError("invalid_request", `There is no kind of source called ${name}.`, {
    errors: [{ path: "/kind", message: "is not known", expected, got: name, ...hint }],
  });
}

function requireUsable(secret: string, scheme: SignatureScheme): void {
  const key = scheme.readKey(secret);
  if (!("problem" in key)) return;
  throw new AppError("invalid_request", `The secret cannot be used: ${key.problem}.`, {
    errors: [{ path: "/secret", message: key.problem }],
  });
}

function taken(name: string): AppError {
  return new AppError(
    "conflict",
    `There is a source ${name} already: take another name, or see what it is with \`yard sources show ${name}\`.`,
  );
}

function sourceView(source: ActiveSource, refusals: Refusals | undefined, nowMs: number): Source {
  const previous = source.secrets.find(({ retiresAtMs = 0 }) => retiresAtMs > nowMs);
  return {
    id: source.id,
    name: source.name,
    kind: source.kindName,
    status: source.reason === null ? "active" : "unready",
    reason: source.reason,
    webhook_path: `/webhook/${source.name}`,
    has_secret: source.secrets.length > 0,
    previous_secret_until:
      previous?.retiresAtMs === undefined ? null : new Date(previous.retiresAtMs).toISOString(),
    refused:
      refusals === undefined
        ? null
        : { count: refusals.count, last_at: refusals.at, last_reason: refusals.reason },
    origin: source.origin,
    created_at: source.createdAt,
  };
}
