import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createCommandFile } from "./command-file.ts";

function setUp() {
  const root = mkdtempSync(join(tmpdir(), "yard-command-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "folder");
  mkdirSync(folder);
  const path = join(folder, "command");
  return { root, folder, path, file: createCommandFile(path) };
}

test("the file holds the command of the moment alone, and nothing of one that is over", () => {
  const { file, path } = setUp();
  for (const command of ["a long one", "short"]) {
    file.write(command);
    expect(readFileSync(path, "utf8")).toBe(command);
  }
  file.clear();
  expect(readFileSync(path, "utf8")).toBe("");
  file.close();
});

test("a file that a cleaner took is made anew, its folder too", () => {
  const { file, path, folder } = setUp();
  rmSync(folder, { recursive: true });
  file.write("on");
  expect(readFileSync(path, "utf8")).toBe("on");
  file.close();
});

test("where it cannot be made anew nobody else's file is closed, and it is once it can be", () => {
  const { file, path, folder, root } = setUp();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "in the way");
  expect(() => file.write("refused")).toThrow();
  const others = openSync(join(root, "others"), "w");
  expect(() => file.write("refused again")).toThrow();
  writeSync(others, "still open");
  closeSync(others);
  rmSync(folder);
  file.write("taken");
  expect(readFileSync(path, "utf8")).toBe("taken");
  file.close();
});
