import { mkdirSync, watch } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { silentLog } from "../../db/index.ts";
import { type FolderWatch, type FolderWatchOptions, watchFolders } from "./folder-watch.ts";
import { createTestFolder, smallPack, type TestFolder } from "./pack-folder.fixture.ts";
import { type RootsScan, scanRoots } from "./scan-roots.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Every pause that is asked for from now on, in milliseconds. */
function pauses(): () => unknown[] {
  const spy = vi.spyOn(globalThis, "setTimeout");
  closers.push(() => spy.mockRestore());
  return () => spy.mock.calls.map(([, ms]) => ms);
}

const REST_MS = 555_555;
const SCAN_MS = 11;

/** Watches a folder with one pack; `next` waits for the change after the ones already waited for. */
async function setup({
  fail = 0,
  ...options
}: Pick<FolderWatchOptions, "scanMs" | "restMs" | "notify"> & { fail?: number }): Promise<{
  folder: TestFolder;
  next: () => Promise<RootsScan>;
}> {
  const folder = createTestFolder();
  folder.write(smallPack("p"));
  const told: RootsScan[] = [];
  const waiting: ((scan: RootsScan) => void)[] = [];
  let failures = fail;
  const watch: FolderWatch = watchFolders({
    roots: [folder.path],
    seen: (await scanRoots([folder.path])).fingerprint,
    settleMs: 20,
    ...options,
    log: silentLog,
    async onChange(scan) {
      if (failures-- > 0) throw new Error("the database is away");
      const waiter = waiting.shift();
      if (waiter === undefined) told.push(scan);
      else waiter(scan);
    },
  });
  closers.push(
    () => folder.delete(),
    () => watch.close(),
  );
  const next = (): Promise<RootsScan> => {
    const scan = told.shift();
    return scan === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(scan);
  };
  return { folder, next };
}

test("a change is told by the file system, in folders that came later too", async () => {
  const { folder, next } = await setup({ scanMs: 600_000 });
  folder.write(smallPack("q"));
  const first = await next();
  expect(first.packs.map((pack) => pack.folder)).toEqual([
    join(folder.path, "p"),
    join(folder.path, "q"),
  ]);
  folder.write(smallPack("q", "echo changed"));
  expect((await next()).fingerprint).not.toBe(first.fingerprint);
});

test("a folder that becomes a pack only later is seen at once", async () => {
  const watched: string[] = [];
  const { folder, next } = await setup({
    scanMs: 600_000,
    notify(path, tell) {
      watched.push(path);
      return watch(path, { persistent: false }, tell);
    },
  });
  folder.write({ "q/actions/say.yaml": "action: q.say\n" });
  await vi.waitFor(() => expect(watched).toContain(join(folder.path, "q")));
  folder.write({ "q/pack.yaml": "pack: q\nversion: 1.0.0\n" });
  expect((await next()).packs).toHaveLength(2);
});

test("what came into a folder before it was watched is seen, though nobody tells it", async () => {
  const { folder, next } = await setup({
    scanMs: 600_000,
    notify(path, tell) {
      if (path.endsWith("rules")) folder.write({ "p/rules/late.yaml": "rule: p.late\n" });
      return watch(path, { persistent: false }, tell);
    },
  });
  mkdirSync(join(folder.path, "p/rules"));
  expect((await next()).packs[0]?.files.map((file) => file.path)).toContain("rules/late.yaml");
});

test("a change that could not be taken up is told again", async () => {
  const { folder, next } = await setup({ scanMs: 10, fail: 2 });
  folder.write(smallPack("p", "echo changed"));
  expect((await next()).packs).toHaveLength(1);
});

test("folders that the file system tells of are looked at seldom", async () => {
  const asked = pauses();
  await setup({ scanMs: SCAN_MS, restMs: REST_MS });
  await vi.waitFor(() => expect(asked()).toContain(REST_MS));
});

test("folders that cannot be watched are looked at often", async () => {
  const asked = pauses();
  const notify = (): never => {
    throw new Error("ENOSPC: no more watches");
  };
  const { folder, next } = await setup({ scanMs: SCAN_MS, restMs: REST_MS, notify });
  folder.write(smallPack("q"));
  expect((await next()).packs).toHaveLength(2);
  expect(asked()).not.toContain(REST_MS);
});

test("once a change came that the file system had not told, it is looked at often", async () => {
  const asked = pauses();
  // Longer than fifty times a look, on a busy machine too.
  const [scanMs, restMs] = [1_111, 1_555];
  const notify = (): never => ({ on() {}, close() {} }) as never;
  const { folder, next } = await setup({ scanMs, restMs, notify });
  await vi.waitFor(() => expect(asked()).toContain(restMs));
  expect(asked()).not.toContain(scanMs);
  folder.write(smallPack("q"));
  await next();
  await vi.waitFor(() => expect(asked()).toContain(scanMs));
});
