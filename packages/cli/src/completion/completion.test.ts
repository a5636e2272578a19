import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { programTree } from "../program-tree.ts";
import { callYard } from "../testing/call-yard.ts";
import { SHELLS } from "./shells.ts";
import { placesOf } from "./words.ts";

/** What bash would offer for a line; the last word is the one that is being typed. */
async function bashOffers(...words: readonly string[]): Promise<string[]> {
  const { stdout: script } = await callYard(["completion", "bash"]);
  const line = words.map((word) => `'${word}'`).join(" ");
  const ask = `${script}
COMP_WORDS=(yard ${line}); COMP_CWORD=${words.length}; _yard; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-euc", ask], {
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((word) => word !== "");
}

test("bash completes commands, subcommands, options and their choices", async () => {
  expect(await bashOffers("qu")).toEqual(["queues"]);
  expect(await bashOffers("queues", "e")).toEqual(["explain"]);
  expect(await bashOffers("queues", "explain", "--j")).toEqual(["--json"]);
  expect(await bashOffers("runs", "--st")).toContain("--status");
  expect(await bashOffers("runs", "--status", "f")).toEqual(["failed"]);
  expect(await bashOffers("tokens", "remove", "--")).toEqual(["--json"]);
  // What follows an option that takes something else is for the shell's own completion.
  expect(await bashOffers("tokens", "create", "--expires", "")).toEqual([]);
});

test.each(SHELLS)("the script for %s knows every command and option", async (shell) => {
  const { stdout, exitCode } = await callYard(["completion", shell]);
  expect(exitCode).toBe(0);
  for (const { commands, options } of placesOf(await programTree())) {
    for (const { name } of [...commands, ...options])
      expect(stdout).toContain(shell === "fish" ? name.replace(/^--?/, "") : name);
  }
});

test.each(["zsh", "fish"] as const)(
  "the script for %s can be read, where it is installed",
  async (shell) => {
    const { stdout: script } = await callYard(["completion", shell]);
    const read = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
    if (read.error !== undefined) return console.log(`skipped: no ${shell} on this machine`);
    expect(read).toMatchObject({ status: 0, stderr: "" });
    return undefined;
  },
);

test("refuses a shell that it does not know", async () => {
  expect(await callYard(["completion", "tcsh"])).toMatchObject({ exitCode: 2 });
});
