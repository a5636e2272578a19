import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { silentLog } from "../../db/index.ts";
import { openWorkRoot } from "./work-root.ts";

function setUp() {
  const parent = mkdtempSync(join(tmpdir(), "yard-roots-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const leave = (name: string, hoursAgo: number): string => {
    const root = join(parent, name);
    mkdirSync(join(root, "work-1"), { recursive: true });
    writeFileSync(join(root, "work-1", "rows.csv"), "1,2");
    const at = new Date(Date.now() - hoursAgo * 3_600_000);
    utimesSync(root, at, at);
    return root;
  };
  return { parent, leave };
}

test("what a killed process left is removed a day later, and nothing of those that live", async () => {
  const { parent, leave } = setUp();
  const [left, living] = [leave("7-killed", 25), leave("8-living", 23)];
  const other = openWorkRoot(parent, silentLog);
  const mine = openWorkRoot(parent, silentLog);
  await vi.waitFor(() => expect(existsSync(left)).toBe(false));
  expect([living, other.path, mine.path].map((path) => existsSync(path))).toEqual([
    true,
    true,
    true,
  ]);
  await other.close();
  await mine.close();
});

test("a process that stops in order leaves nothing of its own", async () => {
  const { parent } = setUp();
  const root = openWorkRoot(parent, silentLog);
  mkdirSync(join(root.path, "work-1"));
  await root.close();
  expect(readdirSync(parent)).toEqual([]);
});
