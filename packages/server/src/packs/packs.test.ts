import { rmSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "@yardmaster/kernel";
import { afterEach, expect, test } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { silentLog } from "../db/index.ts";
import { createTestFolder, smallPack, type TestFolder } from "./folder/pack-folder.fixture.ts";
import { packRoutes } from "./packs.routes.ts";
import { createPacks, type PacksOptions } from "./packs.ts";
import type { Packs } from "./packs.types.ts";

interface Setup {
  readonly db: TestDatabase;
  readonly folder: TestFolder;
  readonly dataFolder: string;
  /** Another process of the same installation. */
  open(options?: Partial<PacksOptions>): Promise<Packs>;
}

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Nothing is polled and no folder looked at by itself unless a test wants it: what happens, happens by notice. */
const ONLY_NOTICES = { pollMs: 60_000, scanMs: 60_000, settleMs: 20 };

async function setup(files: { readonly [path: string]: string } = {}): Promise<Setup> {
  const db = await createTestDatabase();
  closers.push(() => db.drop());
  const folder = createTestFolder();
  const data = createTestFolder();
  closers.push(
    () => folder.delete(),
    () => data.delete(),
  );
  folder.write(files);
  return {
    db,
    folder,
    dataFolder: data.path,
    async open(options = {}) {
      const deps = { database: db.database, log: silentLog, programFolder: data.path };
      const packs = await createPacks(deps, {
        folders: [folder.path],
        ...ONLY_NOTICES,
        ...options,
      });
      closers.push(() => packs.close());
      return packs;
    },
  };
}

/** The script that `<pack>.say` runs now. */
function scriptOf(packs: Packs, name = "p"): string | undefined {
  const runner = packs.source.current(`${name}.say`)?.workflow.steps[0]?.action.runner;
  return runner?.kind === "process" ? runner.script : undefined;
}

/** Waits until `isTrue`, looking after each change. */
async function changed(packs: Packs, isTrue: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!isTrue()) return;
      stop();
      resolve();
    };
    const stop = packs.onChange(look);
    look();
  });
}

async function problemsOf(packs: Packs): Promise<string[]> {
  return (await packs.problems()).flatMap((one) => one.problems.map(formatProblem));
}

const BROKEN = { "p/actions/say.yaml": "action: p.say\nrunner: proces\n" };

test("what the folders hold is in force when it has started", async () => {
  const { open, folder } = await setup(
    smallPack("p", "echo one", {
      "rules/b.yaml": "rule: p.b\non: a.b\nrun: p.say\n",
      "rules/a.yaml": "rule: p.a\non: a.*\nrun: p.say\nenabled: false\n",
      "rules/c.yaml": "rule: p.c\non: a.b.c\nrun: core.noop\n",
      "queues/q.yaml": "queue: q\nconcurrency: 2\n",
      "sources/s.yaml": "source: s\nkind: gitea\nsecret: { env: S }\n",
    }),
  );
  const packs = await open();
  expect(packs.active()).toMatchObject([
    { definition: { name: "p", version: "1.0.0" }, folder: join(folder.path, "p") },
  ]);
  expect(packs.active()[0]?.activatedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(scriptOf(packs)).toBe("echo one");
  expect([...packs.source.refs()].sort()).toEqual([
    "core.ask",
    "core.echo",
    "core.fail",
    "core.http",
    "core.log",
    "core.noop",
    "core.set",
    "core.sleep",
    ...["assign", "close", "comment", "labels", "reopen", "status"].map(
      (verb) => `core.tracker_${verb}`,
    ),
    "p.say",
  ]);
  const rules = packs.rules();
  const refsOn = (type: string): string[] => rules.rulesFor(type).map((rule) => rule.ref);
  expect(rules.revision).toBe(1);
  expect(refsOn("a.b")).toEqual(["p.a", "p.b"]);
  expect(refsOn("a.b.c")).toEqual(["p.a", "p.c"]);
  expect(refsOn("a")).toEqual([]);
  expect(packs.queues()).toEqual([{ name: "q", concurrency: 2, fifo: false }]);
  expect(packs.sources()).toEqual([{ name: "s", kind: "gitea", secret: { env: "S" }, pack: "p" }]);
});

test("core's actions are there without any pack", async () => {
  const { open } = await setup();
  const packs = await open({ folders: [] });
  expect(packs.source.current("core.sleep")).toMatchObject({ packDigest: null });
  expect((await packs.source.pinned("core.echo", null)).ref).toBe("core.echo");
  await expect(packs.source.pinned("core.gone", null)).rejects.toMatchObject({
    code: "definition_missing",
  });
});

test("what becomes active is used when its queues are prepared; what is declared, and by which packs, the store says", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const packs = await open();
  const seen: string[] = [];
  let failure: Error | undefined;
  packs.beforeChange(async (queues) => {
    seen.push(`${queues.map(({ name }) => name)} after ${packs.queues().map(({ name }) => name)}`);
    if (failure !== undefined) throw failure;
  });
  folder.write({ "p/queues/q.yaml": "queue: q\nconcurrency: 2\n" });
  failure = new Error("the store is away");
  await expect(packs.reload()).rejects.toThrow("away");
  expect(packs.queues()).toEqual([]);
  expect(await packs.declaredQueues()).toEqual(["q"]);
  failure = undefined;
  await packs.reload();
  expect(packs.queues()).toMatchObject([{ name: "q" }]);
  const digest = packs.active()[0]?.definition.digest;
  folder.remove("p/queues/q.yaml");
  await packs.reload();
  // The folder is watched meanwhile, which may ask once more.
  expect([...new Set(seen)]).toEqual(["q after ", " after q"]);
  expect(await packs.declaredQueues()).toEqual([]);
  expect(await packs.packsWithQueue("q")).toEqual([digest]);
});

test("an edit is in force soon, without a restart, and grows the revision once", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const packs = await open();
  const before = packs.rules().revision;
  folder.write(smallPack("p", "echo two"));
  await changed(packs, () => scriptOf(packs) === "echo two");
  expect(packs.rules().revision).toBe(before + 1);
});

test("a change that the file system does not tell of is found by looking", async () => {
  // Dependencies are not watched, so only the look can find this.
  const { open, folder } = await setup(smallPack("p", "x", { "node_modules/m/i.js": "1" }));
  const packs = await open({ scanMs: 20 });
  const before = packs.active()[0]?.definition.digest;
  folder.write({ "p/node_modules/m/i.js": "2" });
  await changed(packs, () => packs.active()[0]?.definition.digest !== before);
});

test("a broken edit leaves the last good version in force and is told, until it is mended", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const packs = await open();
  const { revision } = packs.rules();
  folder.write(BROKEN);
  const reloaded = await packs.reload();
  expect(reloaded.revision).toBe(revision);
  expect(reloaded.problems).toMatchObject([{ folder: join(folder.path, "p"), pack: "p" }]);
  expect(await problemsOf(packs)).toEqual([
    'actions/say.yaml:1:1: an action needs "entry", "command" or "script"',
    'actions/say.yaml:2:9: there is no runner "proces" (did you mean "process"?)',
  ]);
  expect(scriptOf(packs)).toBe("echo one");
  folder.write(smallPack("p", "echo mended"));
  expect((await packs.reload()).problems).toEqual([]);
  expect(scriptOf(packs)).toBe("echo mended");
});

test("errors are told with the time they were found, which stays until they change", async () => {
  const { open, folder } = await setup({ ...smallPack("p"), ...BROKEN });
  const packs = await open();
  const { http } = serveRoutes(packRoutes(packs));
  const errorsSince = async (): Promise<string | null> =>
    (await http.inject({ url: "/v1/packs" })).json()[0].errors_since;
  const first = Date.parse((await errorsSince()) ?? "");
  await packs.reload();
  expect(Date.parse((await errorsSince()) ?? "")).toBe(first);
  folder.write({ "p/actions/say.yaml": "action: p.say\nrunner: prozess\n" });
  await packs.reload();
  expect(Date.parse((await errorsSince()) ?? "")).toBeGreaterThan(first);
  folder.write(smallPack("p"));
  await packs.reload();
  expect(await errorsSince()).toBeNull();
});

test("a pack is shown by its name, the active one before a broken one, and of none the nearest", async () => {
  const { open, folder } = await setup({ ...smallPack("p"), ...smallPack("shop") });
  const packs = await open();
  folder.write(BROKEN);
  await packs.reload();
  const { http } = serveRoutes(packRoutes(packs));
  const shown = async (name: string) => (await http.inject({ url: `/v1/packs/${name}` })).json();
  expect(await shown("shop")).toMatchObject({ pack: "shop", status: "active", errors: [] });
  expect(await shown("p")).toMatchObject({
    ...{ pack: "p", status: "broken", actions: ["p.say"] },
    errors: [{ path: "actions/say.yaml:1:1" }, { path: "actions/say.yaml:2:9" }],
  });
  const broken = (await http.inject({ url: "/v1/packs?status=broken" })).json();
  expect(broken).toMatchObject([{ pack: "p", status: "broken" }]);
  expect(await shown("shp")).toMatchObject({
    ...{ status: 404, code: "not_found" },
    detail: "There is no pack shp. Did you mean shop?",
  });
});

test("a folder that is broken at the start gives its last good version, even without a name", async () => {
  const { open, folder } = await setup(smallPack("p"));
  await (await open()).close();
  folder.write(BROKEN);
  const second = await open();
  expect(scriptOf(second)).toBe("echo one");
  expect(await problemsOf(second)).toHaveLength(2);
  await second.close();
  folder.write({ "p/pack.yaml": "pack: [" });
  expect(scriptOf(await open())).toBe("echo one");
});

test("a pack that is broken from the beginning keeps no other from working", async () => {
  const { open } = await setup({ ...smallPack("p"), ...BROKEN, ...smallPack("other") });
  const packs = await open();
  expect(packs.active().map((pack) => pack.definition.name)).toEqual(["other"]);
  expect(await packs.problems()).toMatchObject([{ pack: "p" }]);
});

test("packs come and go with their folders", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const packs = await open();
  folder.write(smallPack("q", "echo q"));
  await changed(packs, () => scriptOf(packs, "q") === "echo q");
  folder.remove("p");
  await changed(packs, () => packs.source.current("p.say") === undefined);
  expect(packs.active().map((pack) => pack.definition.name)).toEqual(["q"]);
});

test("when a whole folder of packs is away, nothing of it is lost", async () => {
  const { open, folder } = await setup(smallPack("p"));
  await (await open()).close();
  rmSync(folder.path, { recursive: true });
  const packs = await open();
  expect(scriptOf(packs)).toBe("echo one");
  expect(await problemsOf(packs)).toEqual([
    "there is no such folder; it is looked at again, and taken up when it is there",
  ]);
});

test("two folders with the same pack: the first counts, the second is told", async () => {
  const { open, folder } = await setup(smallPack("p"));
  folder.write({ "z/pack.yaml": "pack: p\nversion: 2.0.0\n" });
  const packs = await open();
  expect(packs.active().map((pack) => pack.definition.version)).toEqual(["1.0.0"]);
  expect(await problemsOf(packs)).toEqual([
    `pack.yaml:1:1: the pack "p" is already in ${join(folder.path, "p")}`,
  ]);
});

test("of two packs with the same queue the one that was there first has it", async () => {
  const queue = { "queues/q.yaml": "queue: q\n" };
  const { open, folder } = await setup({ ...smallPack("p", "echo p", queue), ...smallPack("a") });
  const packs = await open();
  folder.write(smallPack("a", "echo later", queue));
  await packs.reload();
  expect(scriptOf(packs, "a")).toBe("echo one");
  expect(packs.queues()).toHaveLength(1);
  expect(await problemsOf(packs)).toEqual([
    'pack.yaml:1:1: the queue "q" is already defined by the pack "p"',
  ]);
});

test("a process without folders follows by notification alone", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const loader = await open();
  const worker = await open({ folders: [] });
  expect(scriptOf(worker)).toBe("echo one");
  folder.write(smallPack("p", "echo two"));
  await loader.reload();
  await changed(worker, () => scriptOf(worker) === "echo two");
  expect(worker.rules().revision).toBe(loader.rules().revision);
});

test("a lost notification is made up for by polling", async () => {
  const { db, dataFolder, folder, open } = await setup(smallPack("p"));
  const loader = await open();
  const { pool, withTransaction } = db.database;
  const deaf = { pool, withTransaction, listen: async () => ({ stop: async () => {} }) };
  const worker = await createPacks(
    { database: deaf, log: silentLog, programFolder: dataFolder },
    { folders: [], pollMs: 10 },
  );
  closers.push(() => worker.close());
  folder.write(smallPack("p", "echo two"));
  await loader.reload();
  await changed(worker, () => scriptOf(worker) === "echo two");
});

test("after refresh, memory is at least as new as the database was", async () => {
  const { db, open } = await setup(smallPack("p"));
  const packs = await open();
  // As rules/ does when a rule is switched.
  await db.database.pool.query("UPDATE definition_revision SET revision = revision + 1");
  await packs.refresh();
  expect(packs.rules().revision).toBe(2);
});

test("two processes that load the same folders at once agree, and the revision grows once", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const [one, two] = await Promise.all([open(), open()]);
  expect([one.rules().revision, two.rules().revision]).toEqual([1, 1]);
  folder.write(smallPack("p", "echo two"));
  await Promise.all([one.reload(), two.reload()]);
  expect([scriptOf(one), scriptOf(two)]).toEqual(["echo two", "echo two"]);
  expect([one.rules().revision, two.rules().revision]).toEqual([2, 2]);
});

test("a run's pinned version stays as it was, also for a process that never saw its folder", async () => {
  const { open, folder } = await setup(smallPack("p"));
  const packs = await open();
  const digest = packs.source.current("p.say")?.packDigest as string;
  const pinned = await packs.source.pinned("p.say", digest);
  folder.write(smallPack("p", "echo two"));
  await packs.reload();
  expect(await packs.source.pinned("p.say", digest)).toBe(pinned);
  expect(pinned.steps[0]?.action).toMatchObject({ runner: { script: "echo one" } });
  expect(scriptOf(packs)).toBe("echo two");
  folder.remove("p");
  await packs.reload();
  expect(packs.source.current("p.say")).toBeUndefined();
  const later = await open({ folders: [] });
  const found = await later.source.pinned("p.say", digest);
  expect(found.steps[0]?.action).toMatchObject({
    packDigest: digest,
    runner: { script: "echo one" },
  });
  expect(await later.source.pinned("p.say", digest)).toBe(found);
});

test("who is closed while a pack is compiled gives it up, and takes up and logs nothing", async () => {
  const { db, open, folder } = await setup(smallPack("p"));
  const packs = await open();
  folder.write(smallPack("p", "echo two"));
  const reloading = packs.reload();
  const failing = expect(reloading).rejects.toThrow("aborted");
  await packs.close();
  await failing;
  const { rows } = await db.database.pool.query("SELECT count(*) AS count FROM packs");
  expect(rows).toEqual([{ count: 1 }]);
});

test("a digest or ref that nobody stored is said to be missing", async () => {
  const { open } = await setup(smallPack("p"));
  const packs = await open();
  const digest = packs.active()[0]?.definition.digest ?? "";
  await expect(packs.source.pinned("p.gone", digest)).rejects.toMatchObject({
    code: "definition_missing",
  });
  await expect(packs.source.pinned("p.say", "0".repeat(64))).rejects.toMatchObject({
    code: "definition_missing",
  });
  await expect(packs.source.packFolder("0".repeat(64))).rejects.toMatchObject({
    code: "not_found",
  });
});

test("an unchanged restart activates nothing anew", async () => {
  const { db, open } = await setup(smallPack("p"));
  await (await open()).close();
  const again = await open();
  expect(again.rules().revision).toBe(1);
  const { rows } = await db.database.pool.query("SELECT count(*) AS count FROM packs");
  expect(rows).toEqual([{ count: 1 }]);
});
