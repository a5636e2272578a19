import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createWorkFolders } from "./work-folder.ts";

function setUpFolders() {
  const root = mkdtempSync(join(tmpdir(), "yard-work-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return createWorkFolders(join(root, "a", "b"));
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

test("a folder that the action removed is no trouble", async () => {
  const folders = setUpFolders();
  const gone = folders.take();
  rmSync(gone, { recursive: true });
  await folders.giveBack(gone);
  expect(existsSync(folders.take())).toBe(true);
});
