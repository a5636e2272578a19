import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { silentLog } from "../../db/index.ts";
import { type FolderWatch, watchFolders } from "./folder-watch.ts";
import { createTestFolder, smallPack, type TestFolder } from "./pack-folder.fixture.ts";
import { type RootsScan, scanRoots } from "./scan-roots.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Watches a folder with one pack; `next` waits for the change after the ones already waited for. */
async function setup(options: { scanMs: number; fail?: number }): Promise<{
  folder: TestFolder;
  next: () => Promise<RootsScan>;
}> {
  const folder = createTestFolder();
  folder.write(smallPack("p"));
  const told: RootsScan[] = [];
  const waiting: ((scan: RootsScan) => void)[] = [];
  let failures = options.fail ?? 0;
  const watch: FolderWatch = watchFolders({
    roots: [folder.path],
    seen: (await scanRoots([folder.path])).fingerprint,
    scanMs: options.scanMs,
    settleMs: 20,
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

test("a change that could not be taken up is told again", async () => {
  const { folder, next } = await setup({ scanMs: 10, fail: 2 });
  folder.write(smallPack("p", "echo changed"));
  expect((await next()).packs).toHaveLength(1);
});
