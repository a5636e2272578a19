import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";

const YARD = resolve(import.meta.dirname, "../packages/cli/bin/yard.js");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "yard-pack-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One call of the built `yard`; no server is anywhere. */
function yard(cwd: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [YARD, ...argv], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], YARD_URL: "http://127.0.0.1:9", NO_COLOR: "1" },
  });
  return { code: status, stdout, stderr };
}

test("a pack that init makes is right, and its files name schemas that are there", () => {
  const made = yard(folder, "pack", "init", "packs/mine");
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(yard(folder, "pack", "check")).toEqual({
    code: 0,
    stderr: "",
    stdout: "✓ mine 1.0.0  packs/mine  1 workflow, 1 action, 1 rule\n",
  });
  for (const file of ["pack.yaml", "workflows/greet.yaml"]) {
    const path = join(folder, "packs/mine", file);
    const [, schema = ""] =
      /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(path, "utf8")) ?? [];
    const text = readFileSync(join(path, "..", schema), "utf8");
    expect(JSON.parse(text).title).toMatch(/ of Yardmaster$/);
  }
  expect(yard(folder, "pack", "init", "packs/mine")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("not empty"),
  });
});

test.skipIf(!existsSync("/dev/full"))("what cannot be written is told without a stack", () => {
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  const { status, stderr } = spawnSync(process.execPath, [YARD, "schema", "workflow"], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^yard: what it has to say cannot be written: ENOSPC: .*\n$/);
  expect(status).toBe(1);
});

test("check shows every problem with its place, a code frame and a hint, and exits with 1", () => {
  yard(folder, "pack", "init", "mine");
  const workflow = join(folder, "mine/workflows/greet.yaml");
  writeFileSync(workflow, readFileSync(workflow, "utf8").replace("concurrency:", "concurency:"));
  // From inside the pack it is found too.
  expect(yard(join(folder, "mine/rules"), "pack", "check")).toEqual({
    code: 1,
    stderr: "",
    stdout: [
      '../workflows/greet.yaml:10:5: "concurency" is not known in a step',
      "   9 │     for_each: input.people",
      "> 10 │     concurency: 4",
      "     │     ^",
      '  did you mean "concurrency"?',
      "",
      "✗ mine  ..  1 problem",
      "",
    ].join("\n"),
  });
  const { code, stdout } = yard(folder, "pack", "check", "mine", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    folder: join(folder, "mine"),
    pack: "mine",
    errors: [{ path: "workflows/greet.yaml:10:5", file: "workflows/greet.yaml", line: 10 }],
  });
});

test.skipIf(process.platform === "win32")(
  "check tells of a pipe and of a link to a device, and reads neither",
  () => {
    yard(folder, "pack", "init", "mine");
    execFileSync("mkfifo", [join(folder, "mine/pipe")]);
    symlinkSync("/dev/zero", join(folder, "mine/zero"));
    expect(yard(folder, "pack", "check", "mine")).toEqual({
      code: 1,
      stderr: "",
      stdout: [
        "mine/pipe:1:1: is neither a file nor a folder",
        "",
        "mine/zero:1:1: is a link; a link must lead to a file inside the pack",
        "",
        "✗ mine  mine  2 problems",
        "",
      ].join("\n"),
    });
  },
);

test("check exits with 3 where there is no pack, init and schema with 2 for what cannot be", () => {
  mkdirSync(join(folder, "empty"));
  expect(yard(folder, "pack", "check", "none")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("there is no such folder"),
  });
  expect(yard(folder, "pack", "check", "empty")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("yard pack init"),
  });
  expect(yard(folder, "pack", "init", "Mine").code).toBe(2);
  expect(yard(folder, "pack", "init", "core").code).toBe(2);
  expect(yard(folder, "schema", "worflow")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("did you mean workflow?"),
  });
});

test("schema prints one kind's, and writes all of them", () => {
  const printed = yard(folder, "schema", "queue");
  expect(JSON.parse(printed.stdout).properties.fifo.description).toContain("One run at a time");
  expect(yard(folder, "schema", "--write", "schemas").code).toBe(0);
  expect(readFileSync(join(folder, "schemas/queue.json"), "utf8")).toBe(printed.stdout);
});
