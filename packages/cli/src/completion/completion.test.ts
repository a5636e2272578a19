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
  expect(await bashOffers("completion", "z")).toEqual(["zsh"]);
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

/** What fish itself offers for a line; undefined where it is not installed. */
async function fishOffers(line: string): Promise<string[] | undefined> {
  const { stdout: script } = await callYard(["completion", "fish"]);
  return offersOf("fish", ["--no-config", "-c", `${script}\ncomplete -C '${line}'`]);
}

/** What zsh would offer, told in place of its menu; undefined where it is not installed. */
async function zshOffers(...words: readonly string[]): Promise<string[] | undefined> {
  const { stdout: script } = await callYard(["completion", "zsh"]);
  const ask = `compdef() {}
_describe() { print -l -- \${(P)2} }
compadd() { shift; print -l -- "$@" }
_files() { print FILES }
${script}
words=(yard ${words.map((word) => `'${word}'`).join(" ")}); CURRENT=$#words; _yard`;
  return offersOf("zsh", ["-f", "-c", ask]);
}

/** The words of each line, without their descriptions. */
function offersOf(shell: string, args: readonly string[]): string[] | undefined {
  const { stdout, stderr, status, error } = spawnSync(shell, args, { encoding: "utf8" });
  if (error !== undefined) {
    console.log(`skipped: no ${shell} on this machine`);
    return undefined;
  }
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => line.replace(/[\t:].*/, ""));
}

const STATUSES = ["queued", "running", "waiting", "success", "failed", "timed_out", "canceled"];

test("fish completes commands, subcommands, options and their choices, and complains of nothing", async () => {
  if ((await fishOffers("yard qu")) === undefined) return;
  expect(await fishOffers("yard qu")).toEqual(["queues"]);
  expect(await fishOffers("yard queues e")).toEqual(["explain"]);
  expect(await fishOffers("yard runs --st")).toEqual(["--status"]);
  expect((await fishOffers("yard runs --status "))?.sort()).toEqual([...STATUSES].sort());
  expect(await fishOffers("yard completion z")).toEqual(["zsh"]);
});

test("zsh completes commands, subcommands, options and their choices", async () => {
  if ((await zshOffers("")) === undefined) return;
  expect(await zshOffers("")).toEqual(expect.arrayContaining(["run", "runs", "completion"]));
  expect(await zshOffers("queues", "")).toContain("explain");
  expect(await zshOffers("runs", "--status", "")).toEqual(STATUSES);
  expect(await zshOffers("runs", "--limit", "")).toEqual(["FILES"]);
  expect(await zshOffers("completion", "")).toEqual([...SHELLS, "--json"]);
});

test("refuses a shell that it does not know", async () => {
  expect(await callYard(["completion", "tcsh"])).toMatchObject({ exitCode: 2 });
});
