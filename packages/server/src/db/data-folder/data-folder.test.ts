import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureDataFolder, writePrivateFile } from "./data-folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "yard-folder-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a data folder is made for its owner alone", () => {
  const path = ensureDataFolder(join(parent, "a", "b"));
  expect(modeOf(path)).toBe(0o700);
  expect(ensureDataFolder(path)).toBe(path);
});

test("an empty folder that others can enter is narrowed, one in use is refused", () => {
  const path = join(parent, "open");
  mkdirSync(path);
  chmodSync(path, 0o755);
  ensureDataFolder(path);
  expect(modeOf(path)).toBe(0o700);
  chmodSync(path, 0o755);
  writeFileSync(join(path, "letter.txt"), "");
  expect(() => ensureDataFolder(path)).toThrow(/chmod 700/);
  expect(modeOf(path)).toBe(0o755);
});

test("a folder that cannot be made is told with the setting that names it", () => {
  const file = join(parent, "file");
  writeFileSync(file, "");
  expect(() => ensureDataFolder(join(file, "data"))).toThrow(/YARD_DATA/);
  expect(() => ensureDataFolder(file)).toThrow(/no folder.*YARD_DATA/);
});

test.skipIf(!existsSync("/proc/self"))(
  "a folder below /proc is told so too, and not tried for ever",
  () => {
    expect(() => ensureDataFolder("/proc/none/data")).toThrow(
      /\/proc\/none\/data.*ENOENT.*YARD_DATA/,
    );
  },
);

test("a private file is replaced whole and leaves no draft", () => {
  const path = join(parent, "secret.json");
  writePrivateFile(path, "one");
  writePrivateFile(path, "two");
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(modeOf(path)).toBe(0o600);
  expect(readdirSync(parent)).toEqual(["secret.json"]);
});

test("a private file that cannot be written is named, and its draft does not stay on what may be a full disk", () => {
  const path = join(parent, "taken");
  mkdirSync(path);
  expect(() => writePrivateFile(path, "one")).toThrow(
    expect.objectContaining({
      code: "unavailable",
      message: expect.stringMatching(/taken cannot be written \(E\w+: .*: see that this user may/),
    }),
  );
  expect(readdirSync(parent)).toEqual(["taken"]);
});
