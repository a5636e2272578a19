import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createTestDatabase } from "../../../test/test-database.ts";
import { silentLog } from "../../db/index.ts";
import { createTestFolder, smallPack } from "../folder/pack-folder.fixture.ts";
import { createPacks } from "../packs.ts";
import { createUnpacker } from "./unpack.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A stored pack whose folder is gone, and a data folder to unpack it in. */
async function setup() {
  const { database, drop } = await createTestDatabase();
  const folder = createTestFolder();
  const data = createTestFolder();
  closers.push(
    drop,
    () => folder.delete(),
    () => data.delete(),
  );
  folder.write(
    smallPack("p", "x", {
      "bin/run.sh": "#!/bin/sh\necho hi\n",
      "lib/a.txt": "a",
      "lib/b.txt": "a",
    }),
  );
  const packs = await createPacks(
    { database, log: silentLog, programFolder: data.path },
    { folders: [folder.path] },
  );
  await packs.close();
  folder.delete();
  const digest = packs.active()[0]?.definition.digest as string;
  const pool = database.pool;
  const unpacker = (now?: () => number) => createUnpacker(pool, data.path, now);
  return { digest, data: data.path, pool, unpacker };
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a stored pack is unpacked read-only, with its execute bits", async () => {
  const { digest, data, unpacker } = await setup();
  const folder = await unpacker()(digest);
  expect(folder).toBe(join(data, "packs", digest));
  expect(readFileSync(join(folder, "bin/run.sh"), "utf8")).toBe("#!/bin/sh\necho hi\n");
  expect(readFileSync(join(folder, "lib/b.txt"), "utf8")).toBe("a");
  expect(modeOf(join(folder, "bin/run.sh"))).toBe(0o555);
  expect(modeOf(join(folder, "lib/a.txt"))).toBe(0o444);
  expect(readdirSync(join(data, "packs"))).toEqual([digest]);
});

test("many at once, from several processes, get the same whole folder", async () => {
  const { digest, data, unpacker } = await setup();
  const processes = [unpacker(), unpacker(), unpacker()];
  const folders = await Promise.all([...processes, ...processes].map((unpack) => unpack(digest)));
  expect(new Set(folders)).toEqual(new Set([join(data, "packs", digest)]));
  expect(readdirSync(join(data, "packs"))).toEqual([digest]);
});

test.each([
  ["a file was changed", (folder: string) => overwrite(join(folder, "lib/a.txt"), "b")],
  ["a file is missing", (folder: string) => rmSync(join(folder, "lib/a.txt"))],
  ["a file is too many", (folder: string) => writeFileSync(join(folder, "lib/json.py"), "evil")],
  ["a mode was changed", (folder: string) => chmodSync(join(folder, "bin/run.sh"), 0o444)],
])("what an earlier process left is replaced when %s", async (_what, damage) => {
  const { digest, unpacker } = await setup();
  const folder = await unpacker()(digest);
  damage(folder);
  expect(await unpacker()(digest)).toBe(folder);
  expect(readFileSync(join(folder, "lib/a.txt"), "utf8")).toBe("a");
  expect(existsSync(join(folder, "lib/json.py"))).toBe(false);
  expect(modeOf(join(folder, "bin/run.sh"))).toBe(0o555);
});

test("content that is not what the digest says is not used, and leaves nothing behind", async () => {
  const { digest, data, pool, unpacker } = await setup();
  await pool.query("UPDATE pack_blobs SET content = 'evil' WHERE content = 'a'");
  await expect(unpacker()(digest)).rejects.toThrow(`pack ${digest} is not what its digest says`);
  expect(readdirSync(join(data, "packs"))).toEqual([]);
});

test("what a process left that died while unpacking is cleared away, but not what is under way", async () => {
  const { digest, data, unpacker } = await setup();
  const parent = join(data, "packs");
  mkdirSync(join(parent, ".old.0"), { recursive: true });
  mkdirSync(join(parent, ".young.0"));
  utimesSync(join(parent, ".old.0"), new Date(0), new Date(0));
  await unpacker()(digest);
  expect(readdirSync(parent).sort()).toEqual([".young.0", digest].sort());
});

test("versions that nobody has used for a month are removed, but not what is active or in use", async () => {
  const { digest, data, pool, unpacker } = await setup();
  const parent = join(data, "packs");
  const DAY_MS = 86_400_000;
  let now = Date.now();
  const unpack = unpacker(() => now);
  await unpack(digest);
  for (const name of ["unused", "young"]) mkdirSync(join(parent, name));
  utimesSync(join(parent, "young"), new Date(now + 2 * DAY_MS), new Date(now + 2 * DAY_MS));

  // The process that has it uses it on; another that begins later looks for what is left.
  now += 29 * DAY_MS;
  await unpack(digest);
  now += 2 * DAY_MS;
  await pool.query("DELETE FROM active_packs");
  await expect(unpacker(() => now)("none")).rejects.toThrow("none");
  expect(readdirSync(parent).sort()).toEqual(["young", digest].sort());

  // Until nobody does; whoever asks again has it again.
  now += 29 * DAY_MS;
  await expect(unpacker(() => now)("none")).rejects.toThrow("none");
  expect(readdirSync(parent)).toEqual([]);
  expect(readFileSync(join(await unpack(digest), "lib/a.txt"), "utf8")).toBe("a");
});

test("a folder that somebody has removed is unpacked again, once for all who ask", async () => {
  const { digest, data, unpacker } = await setup();
  const unpack = unpacker();
  await unpack(digest);
  rmSync(data, { recursive: true });
  const [one, two] = [unpack(digest), unpack(digest)];
  expect(one).toBe(two);
  expect(readFileSync(join(await one, "lib/a.txt"), "utf8")).toBe("a");
  expect(modeOf(data)).toBe(0o700);
});

test("a clock that jumps while a pack is being unpacked brings about no second unpacking, which would clear the first away", async () => {
  const { digest, data, pool } = await setup();
  const asked = vi.spyOn(pool, "query");
  let now = Date.now();
  const unpack = createUnpacker(pool, data, () => now);
  const first = unpack(digest);
  now += 3_600_000;
  const second = unpack(digest);
  const folder = join(data, "packs", digest);
  expect(await Promise.all([first, second])).toEqual([folder, folder]);
  const times = asked.mock.calls.length;
  rmSync(folder, { recursive: true });
  await createUnpacker(pool, data)(digest);
  expect(asked.mock.calls.length - times).toBe(times);
  expect(readdirSync(join(data, "packs"))).toEqual([digest]);
});

test("the folder of an active version stays, whoever does not mark it", async () => {
  const { digest, data, unpacker } = await setup();
  await unpacker()(digest);
  const inTwoMonths = Date.now() + 60 * 86_400_000;
  await expect(unpacker(() => inTwoMonths)("none")).rejects.toThrow("none");
  expect(readdirSync(join(data, "packs"))).toEqual([digest]);
});

function overwrite(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
  chmodSync(path, 0o444);
}

test("what could not be unpacked since the folder for it could not be made is, once that can", async () => {
  const { digest, data, unpacker } = await setup();
  rmSync(join(data, "packs"), { recursive: true, force: true });
  writeFileSync(join(data, "packs"), "in the way");
  const unpack = unpacker();
  await expect(unpack(digest)).rejects.toThrow("EEXIST");
  rmSync(join(data, "packs"));
  expect(await unpack(digest)).toBe(join(data, "packs", digest));
});
