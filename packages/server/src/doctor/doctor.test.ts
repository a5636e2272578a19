import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditFile, Check, Source } from "@yardmaster/protocol";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import type { ActivePack } from "../packs/index.ts";
import { horizonHolders } from "./horizon.fixture.ts";
import { createDoctor, type DoctorDeps, doctorRoutes } from "./index.ts";
import { checkInstallation } from "./without-server.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

const FILE: AuditFile = {
  path: "/audit/nodes.jsonl",
  status: "ok",
  since: null,
  reason: null,
  missed: 0,
};

function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "yard-doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function setup(more: Partial<DoctorDeps> = {}) {
  const doctor = createDoctor({
    dataFolder: privateFolder(),
    programs: { uid: 1000, roles: ["worker"], runAs: undefined },
    database: { pool: db.database.pool, home: undefined },
    engine: {
      sessions: async () => [{ roles: ["worker", "scheduler"], resting: null }] as never,
      queueDepths: async () => [],
      feedLagMs: async () => 0,
    },
    packs: { active: () => [], problems: async () => [] },
    tasks: { all: async () => [] },
    trackers: { list: async () => [] },
    sources: { list: async () => [] },
    queues: { list: async () => [] },
    sensors: { list: async () => [] },
    secrets: { list: async () => [], unmet: async () => [] },
    nodes: async () => [],
    ready: async () => ({ status: "ready", reason: null }),
    audit: { file: () => FILE },
    now: () => 0,
    ...more,
  });
  const { http } = serveRoutes(doctorRoutes(doctor));
  return async (check: string): Promise<Check[]> => {
    const { checks } = (await http.inject({ url: "/v1/doctor" })).json();
    return checks.filter((one: Check) => one.check === check);
  };
}

describe("the doctor", () => {
  it("finds nothing where all is well", async () => {
    const look = setup();
    for (const check of [
      "node",
      "data.folder",
      "postgres.version",
      "postgres.writes",
      "postgres.durability",
      "postgres.connections",
      "postgres.clock",
      "workers",
      "schedulers",
      "queues",
      "nodes",
      "feed",
      "packs",
      "sources",
      "audit.file",
    ])
      expect([check, (await look(check))[0]?.status]).toEqual([check, "ok"]);
  });

  it("names the transaction that holds the change feed back, and how to end it", async () => {
    const client = new pg.Client({ connectionString: db.url, application_name: "psql of Ada" });
    await client.connect();
    onTestFinished(() => client.end());
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await client.query("BEGIN");
    await client.query("CREATE TEMP TABLE held (n int)");
    const [check] = await horizonHolders(db.database.pool, "psql of Ada");
    expect(check?.summary).toContain(`process ${rows[0]?.pid} (psql of Ada) of user`);
    expect(check?.summary).toContain("idle in transaction");
    expect(check?.summary).toContain("the live stream and logs that are followed stand still");
    expect(check?.advice).toContain(`SELECT pg_terminate_backend(${rows[0]?.pid})`);
  });

  it("names one of another database for what that costs: it keeps dead rows, and holds back nobody", async () => {
    const other = await createTestDatabase({ empty: true });
    const client = new pg.Client({ connectionString: other.url, application_name: "report" });
    await client.connect();
    await client.query("BEGIN");
    await client.query("CREATE TEMP TABLE held (n int)");
    const [check] = await horizonHolders(db.database.pool, "report");
    expect(check?.summary).toContain("dead rows cannot be cleared until it ends");
    await client.end();
    await other.drop();
  });

  it("tells what waits without a worker, and which queue stands still", async () => {
    const none = setup({
      engine: {
        sessions: async () => [{ roles: ["api"] }] as never,
        queueDepths: async () => [{ queue: "", ready: 3, delayed: 0, leased: 0, waitedMs: 9_000 }],
        feedLagMs: async () => 90_000,
      },
    });
    expect(await none("workers")).toMatchObject([
      { status: "bad", advice: "start one: yard start --roles worker" },
    ]);
    expect(await none("schedulers")).toMatchObject([
      { status: "bad", advice: "start one: yard start --roles scheduler" },
    ]);
    expect(await none("feed")).toMatchObject([{ status: "bad" }]);
    const queue = { name: "deploy", status: "held", ready: 2, delayed: 0, pack: "p" };
    const orphan = { name: "old", status: "moving", ready: 1, delayed: 0, pack: null };
    const stuck = setup({ queues: { list: async () => [queue, orphan] as never } });
    expect(await stuck("queues")).toMatchObject([
      { status: "warn", advice: "yard queues explain deploy" },
      { status: "warn", summary: expect.stringContaining("no active pack defines") },
    ]);
  });

  it("tells which worker rests as it could not begin a process, and why", async () => {
    const resting = "its disk is full; make room where /data lies";
    const sessions = [
      { id: "w1", host: "h", roles: ["worker", "scheduler"], resting },
      { id: "w2", host: "h", roles: ["worker"], resting: null },
    ];
    const look = setup({
      engine: {
        sessions: async () => sessions as never,
        queueDepths: async () => [],
        feedLagMs: async () => 0,
      },
    });
    expect(await look("workers")).toMatchObject([
      {
        status: "warn",
        summary: `2 workers live, 1 of them resting, 0 attempts wait; worker w1 on h rests from processes: ${resting}`,
        advice: expect.stringContaining("see to what the worker says"),
      },
    ]);
  });

  it("says that nothing can be written, and does not send for workers that cannot help", async () => {
    const look = setup({
      engine: {
        sessions: async () => [],
        queueDepths: async () => [],
        feedLagMs: async () => 0,
      },
      ready: async () => ({ status: "unready", reason: "PostgreSQL takes no writes" }),
    });
    expect(await look("postgres.writes")).toMatchObject([
      { status: "bad", summary: "PostgreSQL takes no writes" },
    ]);
    expect(await look("schedulers")).toEqual([]);
    expect(await look("workers")).toMatchObject([
      { status: "bad", summary: expect.stringContaining("can renew its session") },
    ]);
  });

  it("tells what has waited for long for a worker or a node, and in which queue that is paused", async () => {
    const sessions = async () => [{ roles: ["worker"], resting: null }] as never;
    const lane = (queue: string, waitedMs: number) =>
      ({ ...{ queue, waitedMs }, ready: 1, delayed: 0, leased: 0 }) as const;
    const depths = [
      lane("", 400_000),
      lane("deploy", 900_000),
      lane("held", 900_000),
      lane("x", 9),
    ];
    const queue = { name: "held", status: "paused", ready: 1, delayed: 2, pack: "p" };
    const look = setup({
      engine: { sessions, queueDepths: async () => depths, feedLagMs: async () => 0 },
      queues: { list: async () => [{ ...queue, paused_by: "token:ada" }] as never },
    });
    expect(await look("queues")).toMatchObject([
      {
        summary: "queue held is paused by token:ada, and 3 attempts wait",
        advice: "yard queues resume held",
      },
      {
        summary: "an attempt in no queue has waited for 6 min, though it could start",
        advice: expect.stringContaining("yard explain RUN"),
      },
      {
        summary: "an attempt in queue deploy has waited for 15 min, though it could start",
        advice: "yard queues explain deploy",
      },
    ]);
  });

  it("warns where the programs of packs run as root, and says nothing where they do not", async () => {
    const look = async (programs: Partial<DoctorDeps["programs"]>) => {
      const root = { uid: 0, roles: ["api", "worker"], runAs: undefined };
      return await setup({ programs: { ...root, ...programs } })("programs.user");
    };
    expect(await look({})).toMatchObject([
      { status: "warn", advice: expect.stringContaining("YARD_RUN_AS=yard-runs") },
    ]);
    expect(await look({ runAs: "yard-runs" })).toEqual([]);
    expect(await look({ uid: 1000 })).toEqual([]);
    expect(await look({ uid: undefined })).toEqual([]);
    expect(await look({ roles: ["api"] })).toEqual([]);
  });

  it("names the sensors that fail again and again, and says nothing of sensors where there are none", async () => {
    expect(await setup()("sensors")).toEqual([]);
    const sensor = { ref: "p.s", declared: true, status: "running", failures: 2, last_exit: null };
    const well = setup({ sensors: { list: async () => [sensor] as never } });
    expect(await well("sensors")).toMatchObject([
      { status: "ok", summary: "1 sensor, 1 running, none fails" },
    ]);
    const gone = { ...sensor, declared: false, status: "stopped", failures: 3 };
    const left = setup({ sensors: { list: async () => [sensor, gone] as never } });
    expect(await left("sensors")).toMatchObject([
      {
        status: "ok",
        summary:
          "2 sensors, 1 running, none fails; in no pack any more: 1 (yard sensors forget p.s)",
      },
    ]);
    const failing = { ...sensor, failures: 3, last_exit: { stderr: "a\nno luck\n" } };
    const look = setup({ sensors: { list: async () => [sensor, failing] as never } });
    expect(await look("sensors")).toMatchObject([
      {
        status: "warn",
        summary: "sensor p.s has failed 3 times in a row, the last time with: no luck",
        advice: "yard sensors logs p.s; yard explain p.s",
      },
    ]);
  });

  it("names the trackers that cannot be read, and those whose webhooks were lost within a day", async () => {
    const none = { problem: null, lost: 0, last_found_at: null };
    const trackerOf = (polled: object, more: object = {}) =>
      ({
        ...{ name: "main", status: "active", reason: null, ...more },
        polled: [{ project: "mosaic/stack", ...none, ...polled }],
      }) as never;
    const lookAt = async (tracker: never) =>
      await setup({ trackers: { list: async () => [tracker] } })("trackers");
    expect(await lookAt(trackerOf({}))).toMatchObject([{ status: "ok" }]);
    expect(await lookAt(trackerOf({ problem: "answered 401" }))).toMatchObject([
      { status: "warn", summary: "mosaic/stack of tracker main cannot be read: answered 401" },
    ]);
    const lost = { lost: 2, last_found_at: "1969-12-31T23:00:00.000Z" };
    expect((await lookAt(trackerOf(lost)))[0]?.summary).toContain(
      "2 changes of mosaic/stack came by no",
    );
    expect(
      await lookAt(trackerOf({ ...lost, last_found_at: "1969-12-30T00:00:00.000Z" })),
    ).toMatchObject([{ status: "ok" }]);
    expect(
      await lookAt(trackerOf({}, { status: "unready", reason: "there is no source x" })),
    ).toMatchObject([{ status: "warn", summary: "tracker main: there is no source x" }]);
  });

  it("names the tasks that start nothing, and those whose last run failed", async () => {
    const task = {
      ...{ ref: "p.t", status: "active", payload: { workflow: "p.w" } },
      ...{ failures: 0, last_run_id: "R", last_run_status: "success" },
    };
    const look = async (more: object, isStartable = true) => {
      const all = async () => [{ task: { ...task, ...more } as never, isStartable }];
      return await setup({ tasks: { all } })("tasks");
    };
    expect(await look({})).toMatchObject([{ summary: "1 task, 1 active, none fails" }]);
    expect(await look({}, false)).toMatchObject([
      { status: "warn", summary: "task p.t is to start p.w, which is not there" },
    ]);
    expect(await look({ failures: 2, last_error: "no" })).toMatchObject([
      { status: "warn", summary: "task p.t has started nothing at its last 2 fires: no" },
    ]);
    expect(await look({ last_run_status: "timed_out" })).toMatchObject([
      {
        status: "warn",
        summary: "the last run of task p.t has timed out",
        advice: "yard explain R",
      },
    ]);
    expect(await look({ status: "paused", last_run_status: "failed" })).toMatchObject([
      { status: "ok" },
    ]);
  });

  it("names the secrets that do not open here, and those that are named and not to be had", async () => {
    expect(await setup()("secrets")).toEqual([]);
    const secret = { name: "token", status: "ok" };
    const secrets = (list: object[], unmet: object[] = []) =>
      setup({ secrets: { list: async () => list as never, unmet: async () => unmet as never } });
    expect(await secrets([secret])("secrets")).toMatchObject([
      { status: "ok", summary: "1 secret, all that is named is set" },
    ]);
    const use = { kind: "action", ref: "p.a", pack: "p", secret: "key" };
    const look = secrets(
      [{ ...secret, status: "unreadable" }],
      [
        { ...use, why: "missing" },
        { ...use, why: "refused" },
      ],
    );
    expect(await look("secrets")).toMatchObject([
      { status: "bad", summary: expect.stringContaining("sealed under another master key") },
      {
        status: "warn",
        summary: "action p.a uses the secret key, which is not set",
        advice: "yard secrets set key",
      },
      {
        status: "warn",
        summary: "action p.a uses the secret key, which the pack p may not use",
        advice: expect.stringContaining("--add-pack p"),
      },
    ]);
  });

  it("names the nodes that are away, and not those that may be back at once", async () => {
    const since = "2026-01-01T00:00:00.000Z";
    const nodes = (["connected", "reconnecting", "never_seen"] as const).map((status) => ({
      ...{ name: status, status, since },
    }));
    const well = setup({ nodes: async () => nodes });
    expect(await well("nodes")).toMatchObject([{ status: "ok", summary: "3 nodes, none is away" }]);
    const away = ["a", "b", "c", "d"].map(
      (name) => ({ name, status: "disconnected", since }) as const,
    );
    const look = setup({ nodes: async () => [...nodes, ...away] });
    expect(await look("nodes")).toMatchObject([
      {
        status: "warn",
        summary: `4 of 7 nodes away: a (since ${since}), b (since ${since}), c (since ${since}), and 1 more`,
      },
    ]);
  });

  it("tells broken packs, and sources without a secret", async () => {
    const folder = { folder: "/p", pack: "shop", problems: [{}, {}] as never, foundAt: "" };
    const gone = { file: ".", line: 1, column: 1, message: "there is no such folder" };
    const missing = { folder: "/gone", pack: null, problems: [gone], foundAt: "" };
    const never = { ...folder, pack: "never" };
    const unready = { name: "forge", status: "unready", reason: "FORGE_SECRET is not set" };
    const look = setup({
      packs: {
        active: () => [{ definition: { name: "shop" } } as ActivePack],
        problems: async () => [folder, missing, never],
      },
      sources: { list: async () => [unready as Source] },
    });
    expect(await look("packs")).toMatchObject([
      { status: "warn", summary: "shop has 2 problems; the version before goes on" },
      { status: "warn", summary: "/gone: there is no such folder" },
      { status: "warn", summary: "never has 2 problems; nothing of it is active" },
    ]);
    expect(await look("sources")).toMatchObject([
      { status: "warn", summary: expect.stringContaining("FORGE_SECRET is not set") },
    ]);
  });

  it("tells how to mend a source by where it is from, and which one refused webhooks of late", async () => {
    const unready = { name: "forge", status: "unready", reason: "no secret is set", refused: null };
    const refused = { count: 3, last_at: "1970-01-01T00:00:00Z", last_reason: "of another secret" };
    const active = { name: "shop", status: "active", reason: null, refused };
    const look = (origin: string, now: number) =>
      setup({
        sources: { list: async () => [{ ...unready, origin }, active] as unknown as Source[] },
        now: () => now,
      })("sources");
    const [mend, told] = await look("api", 1_000);
    expect(mend?.advice).toContain("yard sources rotate forge --generate-secret");
    expect(told?.summary).toBe(
      "source shop refused 3 webhooks, the last at 1970-01-01T00:00:00Z: of another secret",
    );
    // The reason may be a clock as well: a new secret would not mend that.
    expect(told?.advice).toContain("the secret of this source, or a clock");
    const later = await look("pack:p", 25 * 3_600_000);
    expect(later).toMatchObject([
      { advice: expect.stringContaining("where its definition looks") },
    ]);
  });

  it("tells that the audit's file fails or lacks something, and that the database is whole", async () => {
    const failing = { ...FILE, status: "failing", since: "then", reason: "no space left" } as const;
    expect(await setup({ audit: { file: () => failing } })("audit.file")).toMatchObject([
      { status: "warn", summary: expect.stringContaining("no space left; the audit in the data") },
    ]);
    const lacking = setup({ audit: { file: () => ({ ...FILE, missed: 2 }) } });
    expect(await lacking("audit.file")).toMatchObject([
      { status: "warn", summary: expect.stringContaining("lacks 2 entries") },
    ]);
  });

  it("goes on where a look breaks, and says which", async () => {
    const look = setup({ queues: { list: () => Promise.reject(new Error("no queues table")) } });
    expect(await look("queues")).toMatchObject([
      { status: "bad", summary: "could not be checked: no queues table" },
    ]);
    expect(await look("node")).toMatchObject([{ status: "ok" }]);
  });

  it.runIf(process.platform !== "win32")("sees a data folder that others may enter", async () => {
    const dataFolder = privateFolder();
    chmodSync(dataFolder, 0o755);
    expect(await setup({ dataFolder })("data.folder")).toMatchObject([
      { status: "bad", advice: `chmod 700 ${dataFolder}` },
    ]);
  });
});

describe("the doctor without a server", () => {
  async function run(env: Record<string, string>) {
    const { checks } = await checkInstallation(env, privateFolder(), { connectWithinMs: 0 });
    return { checks, of: (check: string) => checks.filter((one) => one.check === check) };
  }

  it("looks at machine, settings, port and a database that answers", async () => {
    const { checks, of } = await run({ DATABASE_URL: db.url, YARD_PORT: "0" });
    expect(of("postgres.version")).toMatchObject([{ status: "ok" }]);
    expect(of("data.folder")).toMatchObject([{ status: "ok" }]);
    expect(checks.filter(({ status }) => status === "bad")).toEqual([]);
  });

  it("tells a database that does not answer and a port that is taken, and no password", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    const DATABASE_URL = "postgres://u:s3cret@127.0.0.1:9/x";
    const { checks, of } = await run({ DATABASE_URL, YARD_PORT: `${port}` });
    expect(of("port")).toMatchObject([
      { status: "bad", summary: expect.stringContaining("something else listens there") },
    ]);
    expect(of("postgres.reach")).toMatchObject([{ status: "bad" }]);
    expect(JSON.stringify(checks)).not.toContain("s3cret");
  });

  it("tells an address and files of TLS with which no server could listen", async () => {
    const host = await run({ YARD_PORT: "0", YARD_HOST: "192.0.2.1" });
    expect(host.of("address")).toMatchObject([
      { status: "bad", summary: expect.stringContaining("Set YARD_HOST to an address of this") },
    ]);
    const tls = { YARD_TLS_CERT: "/nowhere/cert.pem", YARD_TLS_KEY: "/nowhere/key.pem" };
    expect((await run({ YARD_PORT: "0", ...tls })).of("address")).toMatchObject([
      { status: "bad", summary: "YARD_TLS_CERT: /nowhere/cert.pem cannot be read (ENOENT)" },
    ]);
  });

  it("says that PostgreSQL rests where its server does", async () => {
    const { of } = await run({ YARD_PORT: "0" });
    expect(of("postgres.reach")).toMatchObject([{ status: "ok" }]);
  });

  it("reads the packs as a server would, and names the first wrong place", async () => {
    const packs = privateFolder();
    writeFileSync(join(packs, "pack.yaml"), "pack: shop\nversion: 1.0.0\nverison: 2\n");
    const env = { YARD_PORT: "0", YARD_PACKS: packs };
    expect((await run(env)).of("packs")).toMatchObject([
      { status: "warn", summary: expect.stringContaining("pack.yaml:3") },
    ]);
    const missing = await run({ ...env, YARD_PACKS: join(packs, "gone") });
    expect(missing.of("packs")).toMatchObject([{ status: "bad" }]);
  });

  it("tells a setting that is wrong, with the likely one", async () => {
    expect((await run({ YARD_PROT: "1" })).of("settings")).toMatchObject([
      { status: "bad", summary: expect.stringContaining("did you mean YARD_PORT?") },
    ]);
  });

  it("is a program that prints one line of JSON and ends", () => {
    const program = join(import.meta.dirname, "../../test/run-typescript.mjs");
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [program, join(import.meta.dirname, "main.ts")],
      {
        cwd: privateFolder(),
        env: { PATH: process.env["PATH"], YARD_PORT: "0" },
        encoding: "utf8",
        timeout: 20_000,
      },
    );
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ checks: expect.any(Array) });
  });
});
