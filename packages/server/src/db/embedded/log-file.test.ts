import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { boundLog, closeLog, logSince, openLog } from "./log-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "yard-log-"));
  path = join(folder, "postgres.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const LARGE = "x".repeat(6 * 1024 * 1024);

test("a log that has grown is put aside when it is opened", () => {
  writeFileSync(path, LARGE);
  closeLog(openLog(path));
  expect(statSync(path).size).toBe(0);
  expect(existsSync(`${path}.1`)).toBe(true);
});

test("a log that is being written to begins anew when it has grown", () => {
  const file = openLog(path);
  writeSync(file, LARGE);
  boundLog(path);
  writeSync(file, "after");
  boundLog(path);
  closeLog(file);
  expect(logSince(path, 0)).toBe("after");
});

test("what a program said is told from where it began, and a missing log is empty", () => {
  expect(logSince(path, 0)).toBe("");
  writeFileSync(path, "before\nafter\n");
  expect(logSince(path, 7)).toBe("after");
});
