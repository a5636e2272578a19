import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createTestFolder, type TestFolder } from "./pack-folder.fixture.ts";
import { readFolder } from "./read-folder.ts";
import { scanFolder } from "./scan-folder.ts";
import { scanRoots } from "./scan-roots.ts";

const opened: TestFolder[] = [];

function folder(files: { readonly [path: string]: string } = {}): TestFolder {
  const created = createTestFolder();
  opened.push(created);
  created.write(files);
  return created;
}

afterEach(() => {
  for (const one of opened.splice(0)) one.delete();
});

async function digest(path: string): Promise<string> {
  const read = await readFolder(await scanFolder(path));
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.content.digest;
}

const FILES = { "pack.yaml": "pack: p", "lib/a.mjs": "1", "node_modules/x/index.js": "2" };

test("a pack is all its files, dependencies included, but nothing hidden and no Python cache", async () => {
  const { path } = folder({
    ...FILES,
    ".git/HEAD": "x",
    ".env": "SECRET=1",
    "lib/.a.mjs.swp": "x",
    "lib/__pycache__/a.pyc": "x",
  });
  const { files, errors } = await scanFolder(path);
  expect(files.map((file) => file.path).sort()).toEqual(Object.keys(FILES).sort());
  expect(errors).toEqual([]);
});

test("the digest is the same for the same files, and another for any change", async () => {
  const one = folder(FILES);
  const two = folder(FILES);
  const first = await digest(one.path);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await digest(two.path)).toBe(first);
  two.write({ "lib/a.mjs": "2" });
  const changed = await digest(two.path);
  two.write({ "lib/a.mjs": "1" });
  chmodSync(join(two.path, "lib/a.mjs"), 0o755);
  const executable = await digest(two.path);
  chmodSync(join(two.path, "lib/a.mjs"), 0o644);
  expect(await digest(two.path)).toBe(first);
  two.remove("lib/a.mjs");
  two.write({ "lib/b.mjs": "1" });
  const renamed = await digest(two.path);
  expect(new Set([first, changed, executable, renamed]).size).toBe(4);
});

test("a fingerprint notices a change that keeps size and modification time", async () => {
  const { path, write } = folder(FILES);
  const before = await scanFolder(path);
  write({ "lib/a.mjs": "9" });
  utimesSync(join(path, "lib/a.mjs"), new Date(0), new Date(0));
  const after = await scanFolder(path);
  expect(after.fingerprint).not.toBe(before.fingerprint);
  expect((await scanFolder(path)).fingerprint).toBe(after.fingerprint);
});

test("what changes while a folder is read is read again, so that a version is never half of two", async () => {
  const { path, write } = folder(FILES);
  const stale = await scanFolder(path);
  write({ "lib/a.mjs": "changed meanwhile", "lib/new.mjs": "3" });
  const read = await readFolder(stale);
  expect(read.ok && read.content.files.map((file) => file.path)).toContain("lib/new.mjs");
  expect(read.scan.fingerprint).toBe((await scanFolder(path)).fingerprint);
});

test("a link is taken for the file it leads to, and refused where that is outside the pack", async () => {
  const { path } = folder(FILES);
  symlinkSync("a.mjs", join(path, "lib/b.mjs"));
  expect((await scanFolder(path)).errors).toEqual([]);
  symlinkSync("/etc/passwd", join(path, "lib/passwd"));
  symlinkSync("nowhere", join(path, "lib/dangling"));
  symlinkSync("..", join(path, "lib/circle"));
  const { errors } = await scanFolder(path);
  expect(errors.map((error) => error.path).sort()).toEqual([
    "lib/circle",
    "lib/dangling",
    "lib/passwd",
  ]);
  expect(errors[0]?.message).toBe("is a link; a link must lead to a file inside the pack");
});

test("a folder beside the pack whose name only begins like its own is outside of it", async () => {
  const { path } = folder({ "p/pack.yaml": "pack: p", "p-secret/key": "k" });
  symlinkSync("../p-secret/key", join(path, "p/key"));
  const { errors } = await scanFolder(join(path, "p"));
  expect(errors.map((error) => error.path)).toEqual(["key"]);
});

test.skipIf(process.platform === "win32")(
  "a pipe in a pack is refused, and holds nothing up",
  async () => {
    const { path } = folder(FILES);
    execFileSync("mkfifo", [join(path, "lib/pipe")]);
    expect(await readFolder(await scanFolder(path))).toMatchObject({
      ok: false,
      errors: [{ path: "lib/pipe", message: "is neither a file nor a folder" }],
    });
  },
);

test("a pack of more than 50 MiB is refused before a byte of it is read", async () => {
  const { path } = folder({ ...FILES, "big.bin": "" });
  truncateSync(join(path, "big.bin"), 50 * 1_024 * 1_024);
  const { errors } = await scanFolder(path);
  expect(errors).toEqual([
    { path: "pack.yaml", message: "the pack has 50.0 MiB; 50.0 MiB are allowed" },
  ]);
  expect(await readFolder(await scanFolder(path))).toMatchObject({ ok: false, errors });
});

test("a pack of more files than are allowed is refused, and no further ones are looked at", async () => {
  const { path } = folder({ ...FILES, "lib/b.mjs": "1" });
  expect((await scanFolder(path, 4)).errors).toEqual([]);
  const { files, errors } = await scanFolder(path, 2);
  expect(files).toHaveLength(3);
  expect(errors).toEqual([{ path: "pack.yaml", message: "the pack has more than 2 files" }]);
});

test("a folder is a pack or holds packs, and what is not there is said", async () => {
  const { path } = folder({
    "b/pack.yaml": "",
    "a/pack.yaml": "",
    "c/other.yaml": "",
    ".d/pack.yaml": "",
  });
  mkdirSync(join(path, "empty"));
  const gone = join(tmpdir(), "yard-there-is-no-such-folder");
  const holding = await scanRoots([path, gone, join(path, "a")]);
  expect(holding.packs.map((pack) => pack.folder)).toEqual([join(path, "a"), join(path, "b")]);
  expect(holding.unreadable).toEqual([{ folder: gone, message: "there is no such folder" }]);
});

test("a pack.yml is told by the name that it must have, of a pack that is given and of one among others", async () => {
  const { path } = folder({ "a/pack.yaml": "", "slip/pack.yml": "" });
  const slip = join(path, "slip");
  const unreadable = [{ folder: slip, message: "has a pack.yml; its name must be pack.yaml" }];
  expect(await scanRoots([slip])).toMatchObject({ packs: [], unreadable });
  const holding = await scanRoots([path]);
  expect(holding.packs.map((pack) => pack.folder)).toEqual([join(path, "a")]);
  // Looked at on: it may be renamed.
  expect(holding).toMatchObject({ unreadable, others: [slip] });
});

test.each([",", ";", ", "])(
  'folders that were separated by "%s" are told what separates them',
  async (between) => {
    const { path } = folder({ "a/pack.yaml": "", "b/pack.yaml": "" });
    const both = `${join(path, "a")}${between}${join(path, "b")}`;
    const { packs, unreadable } = await scanRoots([both]);
    expect(packs).toEqual([]);
    const message = `there is no such folder; folders are separated by "${delimiter}"`;
    expect(unreadable).toEqual([{ folder: both, message }]);
  },
);
