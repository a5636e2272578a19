import {
  AppError,
  type ChangeTracker,
  type CreatedTracker,
  type NewId,
  nearest,
  parseDuration,
  type Source,
  type Tracker,
  type TrackerCheckup,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Audit } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import type { Sources } from "../inbox/index.ts";
import { growRevision } from "../packs/index.ts";
import type { Requester } from "../runners/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { type CheckDeps, checkTracker } from "./check/check-tracker.ts";
import { apiBase } from "./forge/index.ts";
import { listProjects } from "./polling/projects.store.ts";
import { openTracker } from "./tracker-door.ts";
import { type TokenDeps, tokenPlace } from "./tracker-token.ts";
import { trackerView, whyUnready } from "./tracker-view.ts";
import {
  askPoll,
  deleteTracker,
  findTracker,
  forgetProjects,
  insertTracker,
  type KeptToken,
  listTrackers,
  lockTracker,
  type SaidTracker,
  type TrackerRow,
  tellPollers,
  updateTracker,
} from "./trackers.store.ts";

export interface TrackersDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly audit: Pick<Audit, "recordWithin">;
  readonly sources: Pick<Sources, "list">;
  readonly lastDelivery: CheckDeps["lastDelivery"];
  readonly sealer: Sealer;
  readonly readSecret: TokenDeps["readSecret"];
  readonly request: Requester;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Who changes a tracker. */
export interface TrackerChanger {
  /** As the audit names who. */
  readonly by: string;
  /** May have it read what its own token may not: variables, files and secrets of the installation. */
  readonly isAdmin: boolean;
}

/** Whose issues are known here, and how they are reached. */
export interface Trackers {
  list(): Promise<Tracker[]>;
  /** @throws AppError `not_found` */
  get(name: string): Promise<Tracker>;
  /** @throws AppError `invalid_request`, `forbidden` (token), `conflict` (name, source) */
  create(tracker: CreatedTracker, who: TrackerChanger): Promise<Tracker>;
  /** @throws AppError `not_found`, `invalid_request`, `forbidden` (token), `conflict` (source) */
  change(name: string, change: ChangeTracker, who: TrackerChanger): Promise<Tracker>;
  /** @throws AppError `not_found` */
  pause(name: string, by: string): Promise<Tracker>;
  /** @throws AppError `not_found` */
  resume(name: string, by: string): Promise<Tracker>;
  /** Has it asked for changes now, beside its interval. @throws AppError `not_found`, `conflict` where it is paused */
  poll(name: string): Promise<Tracker>;
  /** Its events and deliveries stay. @throws AppError `not_found` */
  remove(name: string, by: string): Promise<void>;
  /** Reaches it, and says what is wrong. @throws AppError `not_found` */
  check(name: string): Promise<TrackerCheckup>;
}

type Verb = "create" | "change" | "pause" | "resume" | "remove";

export function createTrackers(deps: TrackersDeps): Trackers {
  const { database, audit, sources, sealer, newId } = deps;
  const { pool } = database;

  async function sourceOf({ source }: Pick<TrackerRow, "source">): Promise<Source | undefined> {
    return (await sources.list()).find(({ name }) => name === source);
  }

  async function find(name: string): Promise<TrackerRow> {
    return (await findTracker(pool, name)) ?? (await unknown(name));
  }

  async function unknown(name: string): Promise<never> {
    const near = nearest(
      name,
      (await listTrackers(pool)).map((row) => row.name),
    );
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new AppError("not_found", `There is no tracker ${name}.${hint}`);
  }

  /** Sources know the bots of their trackers: in every process they are read anew. */
  async function audited(
    verb: Verb,
    by: string,
    work: (client: ClientBase) => Promise<Pick<TrackerRow, "name"> & Partial<TrackerRow>>,
  ): Promise<void> {
    const kept = await database.withTransaction(async (client) => {
      const row = await work(client);
      await growRevision(client);
      await tellPollers(client);
      const action = `tracker.${verb}` as const;
      const entry = { actor: by, action, subject: row.name, phase: "event" } as const;
      // Last: it locks the head of the chain until the commit.
      return await audit.recordWithin(client, { ...entry, details: detailsOf(row) });
    });
    kept();
  }

  async function requireSource(row: Pick<TrackerRow, "source" | "kind">): Promise<void> {
    const why = whyUnready(row, await sourceOf(row));
    if (why !== undefined) throw invalid("/source", why);
  }

  function keep(
    token: NonNullable<ChangeTracker["token"]>,
    id: string,
    { isAdmin }: TrackerChanger,
  ): KeptToken {
    if ("value" in token) return { sealed: sealer.seal(token.value, tokenPlace(id)) };
    // It is sent to an address of one's choice: who sets it could read whatever the server can.
    if (isAdmin) return token;
    throw new AppError(
      "forbidden",
      "A token out of a variable, a file or a secret of the installation needs the scope admin. Give the token itself: { value: TOKEN }.",
    );
  }

  /** Changes one under its lock. */
  async function changed(
    name: string,
    verb: Verb,
    by: string,
    make: (row: TrackerRow) => SaidTracker,
  ): Promise<Tracker> {
    await audited(verb, by, async (client) => {
      const row = (await lockTracker(client, name)) ?? (await unknown(name));
      const said = make(row);
      if (!(await updateTracker(client, row.id, said, by))) throw sourceTaken(said.source);
      if (said.url !== row.url) await forgetProjects(client, row.id);
      return { ...row, ...said };
    });
    return await get(name);
  }

  async function get(name: string): Promise<Tracker> {
    const row = await find(name);
    return trackerView(row, await sourceOf(row), await listProjects(pool, [row.id]));
  }

  return {
    get,
    async list() {
      const all = new Map((await sources.list()).map((source) => [source.name, source]));
      const rows = await listTrackers(pool);
      const polled = await listProjects(
        pool,
        rows.map(({ id }) => id),
      );
      return rows.map((row) => trackerView(row, all.get(row.source), polled));
    },
    async create({ name, kind, token, poll_interval, enabled, ...said }, who) {
      const url = apiBase(kind, said.url);
      if (url === undefined)
        throw invalid("/url", `is missing: write where the API of the ${kind} is`);
      const id = newId();
      const kept = keep(token, id, who);
      await requireSource({ source: said.source, kind });
      const pollMs = parseDuration(poll_interval) as number;
      const row = { ...said, id, name, kind, url, token: kept, poll_ms: pollMs };
      const paused_by = enabled ? null : who.by;
      await audited("create", who.by, async (client) => {
        if (!(await insertTracker(client, { ...row, paused_by, by: who.by })))
          throw (await findTracker(pool, name)) === undefined
            ? sourceTaken(row.source)
            : taken(name);
        return row;
      });
      return await get(name);
    },
    async change(name, change, who) {
      const { kind, source } = await find(name);
      if (change.source !== undefined && change.source !== source)
        await requireSource({ source: change.source, kind });
      return await changed(name, "change", who.by, (row) => said(row, change, who));
    },
    pause: (name, by) =>
      changed(name, "pause", by, (row) => ({ ...row, paused_by: row.paused_by ?? by })),
    resume: (name, by) => changed(name, "resume", by, (row) => ({ ...row, paused_by: null })),
    async poll(name) {
      await database.withTransaction(async (client) => {
        const row = (await lockTracker(client, name)) ?? (await unknown(name));
        if (row.paused_by !== null) throw isPaused(row);
        await askPoll(client, row.id);
        await tellPollers(client);
      });
      return await get(name);
    },
    async remove(name, by) {
      await audited("remove", by, async (client) => {
        const row = (await lockTracker(client, name)) ?? (await unknown(name));
        await deleteTracker(client, row.id);
        return { name };
      });
    },
    async check(name) {
      const row = await find(name);
      const tracker = openTracker(row, { ...deps, sealer: () => sealer });
      return await checkTracker(tracker, await sourceOf(row), deps);
    },
  };

  function said(row: TrackerRow, change: ChangeTracker, who: TrackerChanger): SaidTracker {
    const { token, poll_interval, enabled, ...rest } = change;
    const url = apiBase(row.kind, rest.url ?? row.url) as string;
    if (url !== row.url && token === undefined)
      throw invalid(
        "/url",
        "is another address, and the token would go there: say the token again",
      );
    const pausedBy = { true: null, false: row.paused_by ?? who.by, undefined: row.paused_by };
    return {
      url,
      token: token === undefined ? row.token : keep(token, row.id, who),
      source: rest.source ?? row.source,
      projects: rest.projects ?? row.projects,
      bot: rest.bot === undefined ? row.bot : rest.bot,
      poll_ms: poll_interval === undefined ? row.poll_ms : (parseDuration(poll_interval) as number),
      paused_by: pausedBy[`${enabled}`],
    };
  }
}

/** For the audit: never the token, sealed or not. */
function detailsOf({ kind, url, source, projects, bot, paused_by }: Partial<TrackerRow>) {
  const said = { kind, url, source, projects: projects && [...projects], bot, paused_by };
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function invalid(path: string, message: string): AppError {
  return new AppError(
    "invalid_request",
    `The tracker is not valid: ${path.slice(1)}: ${message}.`,
    {
      errors: [{ path, message }],
    },
  );
}

function isPaused({ name, paused_by }: TrackerRow): AppError {
  return new AppError(
    "conflict",
    `The tracker ${name} is paused by ${paused_by}. Resume it first: yard trackers resume ${name}.`,
  );
}

function taken(name: string): AppError {
  return new AppError(
    "conflict",
    `There is a tracker ${name} already: take another name, or see what it is with \`yard trackers show ${name}\`.`,
  );
}

function sourceTaken(source: string): AppError {
  return new AppError(
    "conflict",
    `The source ${source} belongs to another tracker: name these projects there, or make a source of its own.`,
  );
}
