import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test } from "vitest";
import type { Host } from "../command.ts";
import { defineLocal } from "./local.ts";

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "yard-local-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "program.mjs");
  const seen = join(folder, "seen");
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs";
     writeFileSync(${JSON.stringify(seen)}, JSON.stringify([process.argv.slice(2), process.env.MARK, process.connected]));
     process.exit(9);`,
  );
  const exits: number[] = [];
  const host = {
    io: { env: { MARK: "here" } },
    finish: (code: number) => exits.push(code),
  } as unknown as Host;
  return {
    program: { file, launcher: file },
    seen: () => JSON.parse(readFileSync(seen, "utf8")),
    exits,
    host,
  };
}

test("hands all that stands behind the verb to the node program, with a channel by which it learns that yard is gone, and gives its exit code", async () => {
  const { program, seen, exits, host } = setup();
  const command = new Command("node");
  defineLocal(command, host, program);
  const options = ["--server", "wss://x", "--name", "a b", "--json", "--help"];
  await command.parseAsync(["run", ...options], { from: "user" });
  expect(seen()).toEqual([["run", ...options], "here", true]);
  expect(exits).toEqual([9]);
});

test("says how to see a node of the server to whoever gives a name", async () => {
  const { program, host } = setup();
  const command = new Command("node");
  defineLocal(command, host, program);
  await expect(command.parseAsync(["status", "lab"], { from: "user" })).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("yard node show lab"),
  });
});

test("says what to do where the node program is not built", async () => {
  const { program, host } = setup();
  const command = new Command("node");
  defineLocal(command, host, { ...program, file: `${program.file}.gone` });
  await expect(command.parseAsync(["status"], { from: "user" })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("npm run build"),
  });
});
