import { join } from "node:path";
import type { AuditFile, AuditRecord, AuditVerification, NewId } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Database, Log } from "../db/index.ts";
import { invalidCursor, type Page, pageOf } from "../paging/index.ts";
import { type AuditFilter, type AuditKey, listEntries } from "./audit.store.ts";
import type { AuditEntry, AuditRecorder } from "./audit.types.ts";
import { canonicalText } from "./canonical.ts";
import { appendEntries, headIsGone } from "./chain.store.ts";
import { createEntryMaker } from "./entry.ts";
import { createAuditFile } from "./file.ts";
import { createRecorder } from "./recorder.ts";
import { runEntries, type WithRun } from "./run-entries.ts";
import { type VerifyRequest, verifyChain } from "./verify.ts";
import { readWitnesses } from "./witness.ts";

export interface AuditDeps {
  readonly database: Pick<Database, "pool" | "connectHot">;
  readonly dataFolder: string;
  readonly newId: NewId;
  readonly now: () => number;
  /** This process, among those of the installation. */
  readonly processId: () => string;
  readonly monotonicMs: () => number;
  readonly log: Log;
}

export type AuditQuery = Omit<AuditFilter, "before" | "limit"> & {
  readonly cursor?: string | undefined;
  readonly limit: number;
};

export interface Audit extends AuditRecorder {
  /**
   * Keeps an event with the transaction that makes it. Locks the head of the chain until that ends, so it comes last.
   * What it gives is called after the commit, for the file beside the chain.
   */
  recordWithin(client: ClientBase, entry: AuditEntry & { phase: "event" }): Promise<() => void>;
  readonly withRun: WithRun;
  /** A page, newest first. @throws AppError `invalid_cursor` */
  list(query: AuditQuery): Promise<Page<AuditRecord>>;
  /** Walks the chain, and holds it against the first and the last line of the file. */
  verify(request: Omit<VerifyRequest, "witnesses" | "keptSince">): Promise<AuditVerification>;
  /** Of the file beside the chain. */
  file(): AuditFile;
  /** Keeps what waits, then ends. */
  close(): Promise<void>;
}

/** How far back `open` looks by itself: no call lives for longer than a day. */
const OPEN_WITHIN_MS = 7 * 86_400_000;

/** Clocks differ, and another process may have let entries go by its own. */
const SLACK_MS = 86_400_000;

export interface AuditOptions {
  /** Masked wherever they stand in details. */
  readonly secrets?: readonly (string | undefined)[];
  /** How long entries are kept, infinite for ever; left out: nobody says. */
  readonly keepMs?: number | undefined;
}

export function createAudit(deps: AuditDeps, { secrets = [], keepMs }: AuditOptions = {}): Audit {
  const { database, log, now } = deps;
  const { pool } = database;
  const maker = createEntryMaker(deps, secrets);
  const path = join(deps.dataFolder, "audit", "nodes.jsonl");
  const file = createAuditFile({ path, now, log });
  const recorder = createRecorder({
    connect: () => database.connectHot("audit"),
    monotonicMs: deps.monotonicMs,
    onError: (error, what) => log.warn({ err: error }, what),
    onKept: (entries) => file.append(entries.map((entry) => JSON.stringify(entry))),
  });

  return {
    record(entry, { isAwaited = true } = {}) {
      const given = entry.phase === "begin" ? begunBy(entry, deps.processId()) : entry;
      if (isAwaited) return recorder.keep(maker.make(given));
      const { at = new Date(now()) } = given;
      return recorder.keepPatiently(() => maker.make({ ...given, at }));
    },

    async recordWithin(client, entry) {
      const body = maker.make(entry);
      const [place] = await appendEntries(client, [canonicalText(body)]);
      if (place === undefined) throw headIsGone();
      return () => file.append([JSON.stringify({ ...body, ...place })]);
    },

    withRun: runEntries(maker, (line) => file.append([line])),

    async list({ cursor, limit, ...filter }) {
      const since =
        filter.open === true
          ? (filter.since ?? new Date(now() - OPEN_WITHIN_MS).toISOString())
          : filter.since;
      const before = cursor === undefined ? undefined : readCursor(cursor);
      const found = await listEntries(pool, { ...filter, since, before, limit: limit + 1 });
      return pageOf(found, limit, cursorOf);
    },

    async verify(request) {
      await file.settled();
      const witnesses = await readWitnesses(path);
      const keptSince =
        keepMs === undefined
          ? undefined
          : new Date(Math.max(0, now() - keepMs + SLACK_MS)).toISOString();
      return await verifyChain(pool, { ...request, witnesses, keptSince });
    },
    file: file.state,

    async close() {
      await recorder.close();
      await file.close();
    },
  };
}

/** With who has it under way: should that process be killed, another ends it. */
function begunBy(entry: AuditEntry, process: string): AuditEntry {
  return { ...entry, details: { ...entry.details, process } };
}

function cursorOf({ ts, seq }: AuditKey): string {
  return `${Date.parse(ts)}-${seq}`;
}

function readCursor(cursor: string): AuditKey {
  const [, ms, seq] = /^(\d{1,14})-(\d{1,15})$/.exec(cursor) ?? [];
  if (ms === undefined || seq === undefined) return invalidCursor();
  return { ts: new Date(Number(ms)).toISOString(), seq: Number(seq) };
}
