import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, migrate, openDatabase, silentLog } from "../src/db/index.ts";
import { carry } from "../src/move/carry.ts";
import { startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { installedOlder, startOlder } from "./older-postgres.ts";
import { createDatabase, urlOf } from "./test-database.store.ts";
import { createTestDatabase } from "./test-database.ts";

const older = installedOlder();
const ADMIN = "chosen-by-automation-9";

describe.skipIf(!older)("an older PostgreSQL by DATABASE_URL", () => {
  let postgres: Awaited<ReturnType<typeof startOlder>>;
  beforeAll(async () => {
    postgres = await startOlder(older ?? "");
  });
  afterAll(() => postgres?.stop());

  it("is shared by any number of processes", async () => {
    const opened: Database[] = [];
    try {
      const dataFolder = join(postgres.home, "data folder");
      for (const mode of ["own", "own", "join"] as const) {
        opened.push(
          await openDatabase({ dataFolder, databaseUrl: postgres.url, mode, log: silentLog }),
        );
      }
      const [first, second] = opened;
      expect(Math.floor(first!.serverVersion / 10_000)).toBe(Number(older));
      expect(first!.embedded).toBe(false);
      const reports = await Promise.all(
        opened.map(({ pool }) => migrate(pool, { log: silentLog })),
      );
      const applied = reports.filter((report) => report.applied.length > 0);
      expect(applied.length).toBeLessThanOrEqual(1);
      const heard = new EventEmitter();
      await first!.listen("work", (payload) => heard.emit("work", payload));
      const [[payload]] = await Promise.all([
        once(heard, "work"),
        second!.pool.query("notify work, 'hello'"),
      ]);
      expect(payload).toBe("hello");
    } finally {
      for (const database of opened) await database.close();
    }
  });

  it("carries out runs, and gives the changes from any place on", async () => {
    const folder = join(postgres.home, "another data folder");
    const settings = readSettings(
      [],
      {
        DATABASE_URL: postgres.url,
        YARD_DATA: folder,
        YARD_PORT: "0",
        YARD_ADMIN_TOKEN: ADMIN,
      },
      folder,
    );
    const server = await startServer(settings, createLogger({ level: "error", write: () => {} }));
    const headers = { authorization: `Bearer ${ADMIN}` };
    try {
      const url = server.api?.url ?? "";
      const ready = await readUntil(await fetch(`${url}/v1/stream`, { headers }), "ready");
      const answer = await fetch(`${url}/v1/runs`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", prefer: "wait=20" },
        body: JSON.stringify({ ref: "core.echo", input: { n: 1 } }),
      });
      const run = (await answer.json()) as { id: string };
      expect(run).toMatchObject({ status: "success", output: { n: 1 } });
      const place = /^id: (.+)$/m.exec(ready)?.[1] ?? "";
      const behind = await fetch(`${url}/v1/stream?after=${place}`, { headers });
      expect(await readUntil(behind, "run.finished")).toContain(run.id);
    } finally {
      await server.close();
    }
  });

  it("takes an installation from a newer one, and gives it back", async () => {
    const [from, back] = [await createTestDatabase(), await createTestDatabase({ empty: true })];
    try {
      const older = urlOf(postgres.url, "carried");
      await createDatabase(postgres.url, "carried");
      const goes = (DATABASE_URL: string, target: string) => {
        const env = { DATABASE_URL, YARD_DATA: join(postgres.home, "carried") };
        const { signal } = new AbortController();
        return carry({ task: "copy", target }, { env, cwd: "/", onTable() {}, signal });
      };
      const there = await goes(from.url, older);
      expect(await goes(older, back.url)).toMatchObject({ rows: there.rows, tables: there.tables });
    } finally {
      await from.drop();
      await back.drop();
    }
  });
});

/** What a stream gives up to the first event of a type. */
async function readUntil(stream: Response, type: string): Promise<string> {
  let text = "";
  for await (const chunk of stream.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes(`event: ${type}`) && text.endsWith("\n\n")) break;
  }
  return text;
}
