import { spawnSync } from "node:child_process";
import type { RunStatus } from "@yardmaster/protocol/core";
import { createClient } from "@yardmaster/sdk";
import { expect, test } from "vitest";
import { programTree } from "../program-tree.ts";
import { callYard } from "../testing/call-yard.ts";
import { aRun, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";
import { liveOffers } from "./live-offers.ts";
import type { Offered } from "./offered.ts";
import { SHELLS, type Shell } from "./shells.ts";
import { placesOf } from "./words.ts";

/** Stands for `yard completion offer KIND`: two words of the kind, with what they are. */
const SERVER = `yard() { printf '%s\\tgood\\n' "one-$3" "two-$3"; }`;

const scripts = new Map<Shell, Promise<string>>();

function scriptOf(shell: Shell): Promise<string> {
  const script = scripts.get(shell) ?? callYard(["completion", shell]).then(({ stdout }) => stdout);
  scripts.set(shell, script);
  return script;
}

/** What bash would offer for a line; the last word is the one that is being typed. */
async function bashOffers(...words: readonly string[]): Promise<string[]> {
  const script = await scriptOf("bash");
  const line = words.map((word) => `'${word}'`).join(" ");
  const ask = `${script}
${SERVER}
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

const FISH_SERVER = `function yard; printf '%s\\tgood\\n' one-$argv[3] two-$argv[3]; end`;

/** What fish itself offers for a line; undefined where it is not installed. */
async function fishOffers(line: string): Promise<string[] | undefined> {
  const script = await scriptOf("fish");
  return offersOf("fish", [
    "--no-config",
    "-c",
    `${script}\n${FISH_SERVER}\ncomplete -C '${line}'`,
  ]);
}

/** What zsh would offer, told in place of its menu; undefined where it is not installed. */
async function zshOffers(...words: readonly string[]): Promise<string[] | undefined> {
  const script = await scriptOf("zsh");
  const ask = `compdef() {}
_describe() { print -l -- \${(P)2} }
compadd() { shift; print -l -- "$@" }
_files() { print FILES }
${script}
${SERVER}
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

test.each([
  ["bash", bashOffers],
  ["zsh", zshOffers],
  ["fish", (...words: readonly string[]) => fishOffers(`yard ${words.join(" ")}`)],
])(
  "%s offers what the server has of the kind that stands first behind a command, or behind an option",
  async (_shell, offers) => {
    const logs = await offers("logs", "--follow", "");
    if (logs === undefined) return;
    expect(logs).toEqual(["one-runs", "two-runs"]);
    expect(await offers("sensors", "pause", "")).toEqual(["one-sensors", "two-sensors"]);
    expect(await offers("runs", "--ref", "")).toEqual(["one-refs", "two-refs"]);
    // Further words are a command's, files among them.
    expect(await offers("node", "exec", "lab", "")).not.toContain("one-nodes");
  },
);

test("what is offered says what it is, and is no word that a shell would run", async () => {
  const named = (name: string) => ({ name, status: "connected" });
  const { env, url } = await startWireServer({
    "GET /v1/nodes": {
      json: [named("lab"), named("$(reboot)"), named("-rf")],
    },
    "GET /v1/actions": { json: [{ ref: "shop.pay" }] },
    "GET /v1/workflows": { json: [{ ref: "shop.order" }] },
    "GET /v1/runs": { json: [aRun({ status: "failed", ref: "shop.pay" })] },
  });
  const client = createClient({ url, token: "t" });
  const offers = (kind: Offered) => liveOffers(client, kind, new AbortController().signal);
  expect(await offers("refs")).toEqual([
    { word: "shop.order", about: "workflow" },
    { word: "shop.pay", about: "action" },
  ]);
  expect(await offers("runs")).toEqual([{ word: RUN_ID, about: "failed shop.pay" }]);
  // A machine under load may take longer than a person waits.
  const offer = async () => (await callYard(["completion", "offer", "nodes"], { env })).stdout;
  await expect.poll(offer, { timeout: 20_000 }).toBe("lab\tconnected\n");
}, 25_000);

test("offers only what can be meant: living nodes, runs to cancel, runs to try again", async () => {
  expect(await bashOffers("node", "revoke", "")).toContain("one-nodes");
  expect(await bashOffers("node", "show", "")).toContain("one-known_nodes");
  expect(await bashOffers("cancel", "")).toContain("one-live_runs");
  expect(await bashOffers("runs", "pause", "")).toContain("one-live_runs");
  expect(await bashOffers("retry", "")).toContain("one-ended_runs");
  expect(await bashOffers("inquiries", "answer", "")).toContain("one-open_inquiries");
  expect(await bashOffers("inquiries", "show", "")).toContain("one-inquiries");
  expect(await bashOffers("tokens", "revoke", "")).toContain("one-tokens");
  expect(await bashOffers("packs", "show", "")).toContain("one-packs");

  const older = { name: "lab", status: "revoked" };
  const run = (last: string, status: RunStatus) =>
    aRun({ id: RUN_ID.slice(0, -1) + last, status, ref: "shop.pay" });
  const all = [run("1", "running"), run("2", "failed"), run("3", "queued"), run("4", "success")];
  const asked = (path: string) => new URL(path, "http://any").searchParams.get("status");
  const { url } = await startWireServer({
    "GET /v1/nodes": ({ path }) => {
      const nodes = [
        older,
        { name: "lab", status: "connected" },
        { name: "old", status: "revoked" },
      ];
      const words = asked(path)?.split(",");
      return { json: nodes.filter(({ status }) => words?.includes(status) ?? true) };
    },
    "GET /v1/inquiries": ({ path }) => ({
      json: [{ id: RUN_ID, status: asked(path) ?? "answered", title: null, prompt: "Go on?" }],
    }),
    "GET /v1/tokens": { json: [{ name: "ci", scopes: ["runs:read", "runs:write"] }] },
    "GET /v1/runs": ({ path }) => ({ json: all.filter(({ status }) => status === asked(path)) }),
  });
  const client = createClient({ url, token: "t" });
  const offers = (kind: Offered) => liveOffers(client, kind, new AbortController().signal);
  const lab = { word: "lab", about: "connected" };
  expect(await offers("nodes")).toEqual([lab]);
  expect(await offers("known_nodes")).toEqual([lab, { word: "old", about: "revoked" }]);
  expect((await offers("live_runs")).map(({ about }) => about)).toEqual([
    "queued shop.pay",
    "running shop.pay",
  ]);
  expect(await offers("ended_runs")).toMatchObject([{ about: "failed shop.pay" }]);
  expect(await offers("inquiries")).toEqual([{ word: RUN_ID, about: "answered Go on " }]);
  expect(await offers("open_inquiries")).toEqual([{ word: RUN_ID, about: "open Go on " }]);
  expect(await offers("tokens")).toEqual([{ word: "ci", about: "runs read runs write" }]);
});

test("offers nothing, and says nothing, where no server answers in time or lets nobody in", async () => {
  const silent = await startWireServer({ "GET /v1/queues": () => undefined });
  const nothing = { exitCode: 0, stdout: "", stderr: "" };
  const offer = ["completion", "offer", "queues"];
  expect(await callYard(offer, { env: silent.env })).toMatchObject(nothing);
  expect(await callYard(offer)).toMatchObject(nothing);
  const closed = await startWireServer({
    "GET /v1/queues": wireProblem(401, "unauthorized", "No"),
  });
  expect(await callYard(offer, { env: closed.env })).toMatchObject(nothing);
});

test("refuses a shell that it does not know", async () => {
  expect(await callYard(["completion", "tcsh"])).toMatchObject({ exitCode: 2 });
});
