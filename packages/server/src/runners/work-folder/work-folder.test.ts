import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Log, silentLog } from "../../db/index.ts";
import { createWorkFolders } from "./work-folder.ts";

function setUpFolders(log: Pick<Log, "warn"> = silentLog) {
  const root = mkdtempSync(join(tmpdir(), "yard-work-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return createWorkFolders(join(root, "a", "b"), log);
}

/** Only a user like any other is kept out by the rights of a folder. */
function asOtherThanRoot(): void {
  if (process.geteuid?.() !== 0) return;
  process.seteuid?.(65_534);
  onTestFinished(() => process.seteuid?.(0));
}

test("two attempts at a time have a folder each, empty", () => {
  const folders = setUpFolders();
  const [one, two] = [folders.take(), folders.take()];
  expect(one).not.toBe(two);
  expect([...readdirSync(one), ...readdirSync(two)]).toEqual([]);
});

test("an empty folder serves again", async () => {
  const folders = setUpFolders();
  const folder = folders.take();
  await folders.giveBack(folder);
  expect(folders.take()).toBe(folder);
});

test("a folder that was used, or may still be, never serves again", async () => {
  const folders = setUpFolders();
  const used = folders.take();
  writeFileSync(join(used, "secret"), "x");
  await folders.giveBack(used);
  expect(existsSync(used)).toBe(false);
  const suspect = folders.take();
  await folders.giveBack(suspect, true);
  expect(existsSync(suspect)).toBe(false);
  expect([used, suspect]).not.toContain(folders.take());
});

test.skipIf(process.platform === "win32")(
  "a folder is removed whatever rights the action has given to what it left there",
  async () => {
    asOtherThanRoot();
    const folders = setUpFolders();
    const folder = folders.take();
    for (const mode of [0o555, 0o000]) {
      const cache = join(folder, `cache-${mode}`);
      mkdirSync(cache);
      writeFileSync(join(cache, "module"), "x");
      chmodSync(cache, mode);
    }
    await folders.giveBack(folder);
    expect(existsSync(folder)).toBe(false);
  },
);

test("a folder that cannot be removed is told, and fails nobody", async () => {
  const warn = vi.fn();
  const folders = setUpFolders({ warn });
  // No path of a file system: whoever removes it is refused.
  await folders.giveBack("\0", true);
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ folder: "\0" }),
    expect.stringContaining("cannot be removed"),
  );
});

test("when somebody has removed all of them, free ones too, there are new ones", async () => {
  const folders = setUpFolders();
  const free = folders.take();
  await folders.giveBack(free);
  rmSync(dirname(dirname(free)), { recursive: true });
  const anew = folders.take();
  expect(anew).not.toBe(free);
  expect(existsSync(anew)).toBe(true);
});

test("a folder that the action removed is no trouble", async () => {
  const folders = setUpFolders();
  const gone = folders.take();
  rmSync(gone, { recursive: true });
  await folders.giveBack(gone);
  expect(existsSync(folders.take())).toBe(true);
});
