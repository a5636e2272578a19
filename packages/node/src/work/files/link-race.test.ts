import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { placeOf } from "./place.ts";
import { readFileWithin } from "./read-file.ts";
import { createRunningHashes } from "./running-hashes.ts";
import { writeWhole } from "./write-file.ts";

const TRIES = 10_000;

/** Swaps a folder for a link to another, and back, as fast as it can, in a process of its own. */
const SWAPPER = `
const fs = require("node:fs");
const [folder, aside, target] = process.argv.slice(1);
process.stdout.write("ready");
for (;;) {
  fs.renameSync(folder, aside);
  fs.symlinkSync(target, folder);
  fs.unlinkSync(folder);
  fs.renameSync(aside, folder);
}`;

/** Both have to happen, or nothing was tried: on a busy machine that can take longer. */
function isOneSided(seen: Readonly<Record<string, number>>): boolean {
  return Object.values(seen).includes(0);
}

async function setUp() {
  const root = mkdtempSync(join(tmpdir(), "yard-race-"));
  const allowed = join(root, "allowed");
  const outside = join(root, "outside");
  // One folder deeper than the link: its name is not the last of the path.
  mkdirSync(join(allowed, "folder/deep"), { recursive: true });
  mkdirSync(join(outside, "deep"), { recursive: true });
  writeFileSync(join(outside, "deep/secret"), "outside");
  writeFileSync(join(allowed, "folder/deep/secret"), "inside");
  const child: ChildProcess = spawn(
    process.execPath,
    ["-e", SWAPPER, join(allowed, "folder"), join(allowed, "aside"), outside],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(child.signalCode).toBe("SIGKILL"));
    rmSync(root, { recursive: true, force: true });
  });
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return {
    allowed,
    outside: join(outside, "deep"),
    path: (name: string) => join(allowed, "folder/deep", name),
  };
}

test("a folder that is swapped for a link leads no read out of the allowed paths", async () => {
  const { allowed, path } = await setUp();
  const hashes = createRunningHashes();
  const seen = { inside: 0, refused: 0 };
  for (let tried = 0; tried < TRIES || isOneSided(seen); tried += 1) {
    try {
      const { content } = await readFileWithin(
        path("secret"),
        {},
        { allowed: [allowed], closed: [] },
        hashes,
      );
      expect(content.toString()).toBe("inside");
      seen.inside += 1;
    } catch (error) {
      if (error instanceof Error && error.name === "AssertionError") throw error;
      seen.refused += 1;
    }
  }
  expect(isOneSided(seen)).toBe(false);
});

test.each([
  ["atomic", {}],
  ["in place", { atomic: false }],
  ["appending", { mode: "append" }],
] as const)("nor a write (%s)", async (_, more) => {
  const { allowed, outside, path } = await setUp();
  const seen = { written: 0, refused: 0 };
  for (let tried = 0; tried < TRIES / 4 || isOneSided(seen); tried += 1) {
    const frame = {
      type: "write",
      id: "w",
      path: path("new"),
      content_b64: "",
      mode: "overwrite",
      ...more,
    } as const;
    try {
      const place = await placeOf(frame.path, { allowed: [allowed], closed: [] }, false);
      try {
        await writeWhole(place, frame, Buffer.from("x"));
      } finally {
        await place.close();
      }
      seen.written += 1;
    } catch {
      seen.refused += 1;
    }
  }
  expect(readdirSync(outside)).toEqual(["secret"]);
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe("outside");
  expect(existsSync(join(outside, "new"))).toBe(false);
  expect(isOneSided(seen)).toBe(false);
});

test.each([
  ["in place", { atomic: false }],
  ["appending", { mode: "append" }],
] as const)("nor is a link followed that has taken the file's own place (%s)", async (_, more) => {
  const root = mkdtempSync(join(tmpdir(), "yard-link-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [allowed, secret] = [join(root, "allowed"), join(root, "secret")];
  const path = join(allowed, "file");
  mkdirSync(allowed);
  writeFileSync(secret, "outside");
  writeFileSync(path, "inside");
  const place = await placeOf(path, { allowed: [allowed], closed: [] }, false);
  rmSync(path);
  symlinkSync(secret, path);
  const frame = {
    type: "write",
    id: "w",
    path,
    content_b64: "",
    mode: "overwrite",
    ...more,
  } as const;
  await expect(writeWhole(place, frame, Buffer.from("x"))).rejects.toThrow();
  await place.close();
  expect(readFileSync(secret, "utf8")).toBe("outside");
});
