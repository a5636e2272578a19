import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Decision, type JsonObject, uuidV7 } from "@yardmaster/protocol";
import { connectDatabase, type Database, silentLog } from "../src/db/index.ts";
import { createEvents, type Events } from "../src/events/index.ts";
import { createInbox, type Inbox, type InboxDeps } from "../src/inbox/index.ts";
import { createPacks, type Packs } from "../src/packs/index.ts";
import {
  createOwnEvents,
  createReplays,
  createRules,
  createTrials,
  type OwnEvents,
  type Replays,
  type Rules,
  type Trials,
} from "../src/rules/index.ts";
import { createSealer } from "../src/sealing/index.ts";
import { startEngine, type TestEngine } from "./engine.ts";

export const SECRET = "s3cret";

/** Inbox, rules and events over a real engine and real packs, as one process has them. */
export interface TestIntake {
  readonly inbox: Inbox;
  readonly rules: Rules;
  readonly events: Events;
  readonly trials: Trials;
  readonly replays: Replays;
  /** Only where it was asked for. */
  readonly ownEvents: OwnEvents | undefined;
  readonly packs: Packs;
  readonly test: TestEngine;
  readonly database: Database;
  /** The folder of the pack `t`, for who edits it. */
  readonly packFolder: string;
  /** What `inbox` takes for now; moves only when it is set. Undefined: the real clock. */
  readonly clock: { nowMs: number | undefined };
  close(): Promise<void>;
}

export interface IntakeOptions {
  /** Files of the pack `t`, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly masterKey?: Buffer;
  /** Makes events of finished runs. */
  readonly ownEvents?: boolean;
  readonly loopDepth?: number;
  readonly maxBodyBytes?: number;
  readonly observer?: InboxDeps["observer"];
  readonly watch?: (database: Database) => InboxDeps["watch"];
  /** Of replays. */
  readonly onDecided?: (decisions: readonly Decision[]) => void;
}

export const MASTER_KEY = Buffer.alloc(32, 7);

export async function startIntake(url: string, options: IntakeOptions = {}): Promise<TestIntake> {
  const { files = {}, environment = {}, masterKey = MASTER_KEY } = options;
  const folder = mkdtempSync(join(tmpdir(), "yard-intake-"));
  const roots = Object.keys(files).length === 0 ? [] : [join(folder, "packs")];
  writePack(join(folder, "packs", "t"), files);
  const database = await connectDatabase(url, { log: silentLog });
  const packs = await createPacks(
    { database, log: silentLog, programFolder: join(folder, "data") },
    { folders: roots },
  );
  const test = await startEngine(url, packs.source);
  const clock: { nowMs: number | undefined } = { nowMs: undefined };
  const now = (): number => clock.nowMs ?? Date.now();
  const newId = (): string => uuidV7(now(), randomBytes(10));
  const { engine } = test;
  const { loopDepth = 8 } = options;
  const rules = createRules({ database, packs, engine, newId, now }, { loopDepth });
  const inbox = createInbox(
    {
      database,
      engine,
      rules,
      packs,
      readSecret: async (place) => ("env" in place ? environment[place.env] : undefined),
      sealer: createSealer(masterKey),
      observer: options.observer,
      watch: options.watch?.(database),
      log: silentLog,
      newId,
      now,
    },
    { maxBodyBytes: options.maxBodyBytes ?? 25 * 2 ** 20 },
  );
  const events = createEvents({
    database,
    engine,
    deliveryOf: inbox.delivery,
    decisionsOf: rules.decisionsOf,
    judgedOf: rules.judgedOf,
  });
  const { pool } = database;
  const ownEvents = options.ownEvents
    ? createOwnEvents(
        { pool, engine, rules, log: silentLog, newId, now: Date.now },
        { standbyMs: 100 },
      )
    : undefined;
  return {
    inbox,
    rules,
    events,
    trials: createTrials({ rules, packs, engine, events }),
    replays: createReplays({ pool, engine, rules, events, onDecided: options.onDecided, newId }),
    ownEvents,
    packs,
    test,
    database,
    packFolder: join(folder, "packs", "t"),
    clock,
    async close() {
      await ownEvents?.close();
      await test.close();
      await packs.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writePack(folder: string, files: Readonly<Record<string, string>>): void {
  const all = { "pack.yaml": "pack: t\nversion: 1.0.0\n", ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export function sign(body: string | Buffer, secret = SECRET): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** A signed webhook to the source `gitea`. */
export function webhook(
  body: string | Buffer | JsonObject,
  headers: IncomingHttpHeaders = {},
): { source: string; headers: IncomingHttpHeaders; body: Buffer } {
  const bytes = Buffer.from(
    typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  );
  const signed = { "content-type": "application/json", "x-gitea-signature": sign(bytes) };
  return { source: "gitea", headers: { ...signed, ...headers }, body: bytes };
}

/** An issue event as the Mosaic coordinator's senders write it: compact, signed, nothing else. */
export function issueBody(number: number, action = "assigned", login = "mosaic"): JsonObject {
  return {
    action,
    number,
    issue: {
      id: 1_000 + number,
      number,
      title: `Issue ${number}`,
      state: "open",
      body: "## Objective\nDo it.",
      assignee: { id: 7, login, full_name: "Mosaic" },
    },
    repository: { name: "stack", full_name: "mosaic/stack", owner: { login: "mosaic" } },
    sender: { id: 1, login: "jason", full_name: "Jason" },
  };
}
