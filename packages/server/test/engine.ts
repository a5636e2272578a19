import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Json, uuidV7 } from "@yardmaster/protocol";
import { connectDatabase, type Database, processStartId, silentLog } from "../src/db/index.ts";
import {
  createEngine,
  type DefinitionSource,
  type RunningEngine,
  type RunRecord,
} from "../src/engine/index.ts";
import { createRunners, createWorkFolders } from "../src/runners/index.ts";
import { createStepFiles } from "../src/step-files/index.ts";

export interface TestEngine {
  readonly engine: RunningEngine;
  readonly database: Database;
  /** Starts a run and waits for its end. */
  finish(ref: string, input?: Json): Promise<RunRecord>;
  start(ref: string, input?: Json): Promise<string>;
  close(): Promise<void>;
}

/** A whole engine in this process, as `main.ts` makes it, on a database given by its URL. */
export async function startEngine(
  url: string,
  definitions: DefinitionSource,
  options: {
    readonly roles?: readonly ("api" | "worker" | "scheduler")[];
    readonly process?: number;
    readonly host?: string;
    /** What HTTP actions may reach beyond the public Internet. */
    readonly httpAllow?: readonly string[];
    readonly nodeSessionMs?: number;
    readonly handOverMs?: number;
    /** The clock of its ids; its own by default. */
    readonly idClock?: () => number;
  } = {},
): Promise<TestEngine> {
  const database = await connectDatabase(url, { log: silentLog });
  const folder = mkdtempSync(join(tmpdir(), "yard-engine-"));
  const { idClock = Date.now } = options;
  const newId = (): string => uuidV7(idClock(), randomBytes(10));
  const engine = await createEngine(
    {
      database,
      definitions,
      runners: createRunners({ http: { allow: options.httpAllow ?? [] } }),
      workFolders: createWorkFolders(folder, silentLog),
      stepFiles: createStepFiles({ pool: database.pool, newId }),
      log: silentLog,
      newId,
      now: Date.now,
      monotonicMs: () => performance.now(),
      random: Math.random,
    },
    {
      roles: options.roles ?? ["api", "worker", "scheduler"],
      host: options.host ?? "test",
      pid: process.pid,
      processStart: processStartId(process.pid) ?? "",
      owner: false,
      capacity: { core: 500, process: options.process ?? 8 },
      ...(options.nodeSessionMs === undefined ? {} : { nodeSessionMs: options.nodeSessionMs }),
      ...(options.handOverMs === undefined ? {} : { handOverMs: options.handOverMs }),
    },
  );
  async function start(ref: string, input: Json = {}): Promise<string> {
    const run = engine.prepare({ ref, input, createdBy: "test" });
    await engine.commit({ runs: [run] });
    return run.id;
  }
  return {
    engine,
    database,
    start,
    async finish(ref, input) {
      const record = await engine.waitForEnd(await start(ref, input), 20_000);
      if (record === undefined) throw new Error(`${ref} did not end in 20 s`);
      return record;
    },
    async close() {
      await engine.close(1_000);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
