import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createInstallation, type Installation, type Running } from "./installation.ts";

/*
 * Built artefacts, real processes and sockets: a server and node programs on one machine.
 */

/** An agent without a model: it says what a real one has said. */
const AGENT = fileURLToPath(
  new URL("../packages/server/src/runners/agent/agent.fixture.mjs", import.meta.url),
);

const PACK = {
  "pack.yaml": "pack: far\nversion: 1.0.0\n",
  "code/where.mjs":
    'import { readFileSync } from "node:fs";\n' +
    'const { word } = JSON.parse(readFileSync(0, "utf8"));\n' +
    'console.error("at work on", word);\n' +
    "console.log(JSON.stringify({ word, pack: readFileSync(new URL('text', import.meta.url), 'utf8').trim() }));\n",
  "code/text": "from the pack\n",
  "actions/where.yaml":
    "action: far.where\nrunner: process\nentry: code/where.mjs\ninput: { word: string! }\n" +
    "output: { word: string!, pack: string! }\n",
  "actions/slow.yaml":
    'action: far.slow\nrunner: process\nscript: |\n  echo "begun $YARD_ATTEMPT" >> "$HOME/ledger"\n  echo begun >&2\n' +
    '  while [ ! -e "$HOME/go" ]; do sleep 0.05; done\n  echo "ended $YARD_ATTEMPT" >> "$HOME/ledger"\nstdout: none\non: { node: slow }\n',
  "agents/coder.yaml": `agent: far.coder\nkind: codex\npermissions: edit\ncommand: [node, ${JSON.stringify(AGENT)}]\nenv: { AGENT_PLAYS: codex-answers }\n`,
  "actions/review.yaml":
    'action: far.review\nrunner: agent\nagent: far.coder\nprompt: "Review ${{ input.what }}"\nfiles: [asked.json]\n' +
    "input: { what: string! }\noutput: { verdict: string! }\non: { labels: [strong] }\n",
  "workflows/each.yaml":
    'workflow: far.each\ninput: { nodes: "string[]!" }\nsteps:\n  - id: each\n    for_each: input.nodes\n    uses: far.where\n' +
    '    with: { word: "${{ item }}" }\n    on: { node: "${{ item }}" }\n' +
    "  - id: labeled\n    uses: far.where\n    with: { word: any }\n    on: { labels: [strong] }\n" +
    'output: { words: "${{ steps.each.output.map(one, one.word) }}", pack: "${{ steps.labeled.output.pack }}" }\n',
};

let installation: Installation;
let server: Running;
const nodes = new Map<string, Running>();

beforeAll(async () => {
  installation = createInstallation("nodes");
  for (const [path, text] of Object.entries(PACK)) {
    const file = join(installation.folder, "packs/far", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  server = await installation.start("--packs", "packs");
  await Promise.all([pair("one"), pair("two", "--label", "strong="), pair("slow")]);
});

afterAll(async () => {
  for (const { child } of nodes.values()) child.kill("SIGTERM");
  for (const { ended } of nodes.values()) await ended;
  expect(await installation.remove(server)).toBe(0);
});

const yard = (...argv: string[]) => installation.yard(...argv).ended;

/** Pairs a node and starts its program, with a state folder and a home of its own. */
async function pair(name: string, ...labels: string[]): Promise<void> {
  const { stdout } = await yard("node", "pair", name, ...labels, "--json");
  const { token } = JSON.parse(stdout) as { token: string };
  const url = JSON.parse(readFileSync(join(installation.folder, ".yard/server.json"), "utf8")).url;
  mkdirSync(join(installation.folder, name));
  await run(name, "--server", url, "--token", token, "--name", name);
}

async function run(name: string, ...more: string[]): Promise<void> {
  const home = join(installation.folder, name);
  const program = installation.yardWith(
    { HOME: home },
    ...["node", "run", "--state", join(home, "state"), ...more],
  );
  nodes.set(name, program);
  await Promise.race([
    program.ended.then(({ stdout, stderr }) => {
      throw new Error(`node ${name} ended: ${stdout}${stderr}`);
    }),
    yardUntil(["node", "show", name, "--json"], '"status":"connected"'),
  ]);
}

/** Calls until the answer holds the text. */
async function yardUntil(argv: readonly string[], text: string): Promise<string> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { stdout, stderr } = await yard(...argv);
    if (stdout.includes(text)) return stdout;
    if (Date.now() > deadline) throw new Error(`no "${text}" in ${stdout}${stderr}`);
  }
}

const ledger = (name: string): string[] => {
  try {
    return readFileSync(join(installation.folder, name, "ledger"), "utf8")
      .trim()
      .split("\n");
  } catch {
    return [];
  }
};

describe("a workflow across nodes", () => {
  test("runs each step where it says, with the code of its pack, and logs it live", async () => {
    const { stdout, code } = await yard(
      ...["run", "far.each", 'nodes=["one","two"]', "--wait", "25", "--json"],
    );
    expect(code).toBe(0);
    const record = JSON.parse(stdout) as { id: string; output: unknown };
    expect(record.output).toEqual({ words: ["one", "two"], pack: "from the pack" });
    const logs = await yard("logs", record.id);
    expect(logs.stdout).toMatch(/each#1 \| at work on two/);
    const shown = await yard("runs", "show", record.id);
    expect(shown.stdout).toMatch(/each .* on 2 nodes/);
    expect(shown.stdout).toMatch(/labeled .* on two/);
    const audit = await yard("audit", "--node", "two", "--action", "node.job", "--json");
    expect(audit.stdout).toContain(`run:${record.id}`);
  });

  test("has an agent work on a node as any process: its answer, its log, its files", async () => {
    const { stdout } = await yard("run", "far.review", "what=it", "--wait", "25", "--json");
    const record = JSON.parse(stdout) as { id: string; output: unknown };
    expect(record).toMatchObject({
      status: "success",
      output: { verdict: "approve", agent: { kind: "codex", session: expect.any(String) } },
    });
    expect((await yard("runs", "show", record.id)).stdout).toMatch(/on two/);
    expect((await yard("logs", record.id)).stdout).toContain("[agent] ended: completed");
    const asked = join(installation.folder, "asked.json");
    await yard("runs", "files", record.id, "--get", "asked.json", "--output", asked);
    expect(JSON.parse(readFileSync(asked, "utf8"))).toMatchObject({
      prompt: "Review it\n",
      schema: { required: ["verdict"] },
    });
  });

  test("waits for a node that is not there, and says what would move it", async () => {
    const started = await yard("run", "far.each", 'nodes=["nobody"]', "--json");
    const { id } = JSON.parse(started.stdout) as { id: string };
    const { stdout } = await yard("explain", id);
    expect(stdout).toContain("waits for node nobody");
    expect(stdout).toContain("pair one: yard node pair nobody");
    expect((await yard("cancel", id)).code).toBe(0);
  });
});

test("a job whose node is killed runs again when the node is back, and nothing of before runs on", async () => {
  const started = await yard("run", "far.slow", "--json");
  const { id } = JSON.parse(started.stdout) as { id: string };
  await yardUntil(["logs", id], "begun");
  expect((await yard("explain", id)).stdout).toMatch(/running since .* on node slow/);
  const state = join(installation.folder, "slow/state");
  const status = await yard("node", "status", "--state", state, "--json");
  process.kill((JSON.parse(status.stdout) as { pid: number }).pid, "SIGKILL");
  await nodes.get("slow")?.ended;
  await yardUntil(["explain", id], "node slow is reconnecting since");
  await run("slow");
  await yardUntil(["runs", "show", id], "attempt 2");
  await expect.poll(() => ledger("slow"), { timeout: 15_000 }).toEqual(["begun 1", "begun 2"]);
  writeFileSync(join(installation.folder, "slow/go"), "");
  const followed = await yard("logs", id, "--follow");
  expect(followed.code).toBe(0);
  // The first was killed before the second began: it saw no `go`.
  expect(ledger("slow")).toEqual(["begun 1", "begun 2", "ended 2"]);
});

test("a command that begins to read late gets all of what is piped to it, and meanwhile nobody is stopped", async () => {
  const go = join(installation.folder, "one/read");
  const late = `echo waits; while [ ! -e '${go}' ]; do sleep 0.05; done; wc -c`;
  const argv = ["node", "exec", "one", "-i", "--timeout", "5m", "--", "sh", "-c", late];
  const { stdin, says, ended } = installation.yardFed(...argv);
  const piece = Buffer.alloc(64 * 1024, "x");
  let given = 0;
  function* pieces(): Generator<Buffer> {
    for (; given < 128; given++) yield piece;
  }
  const giving = pipeline(Readable.from(pieces()), stdin);
  await says("waits");
  // More than may wait for a command is on its way, and not all of it.
  await expect.poll(() => given, { timeout: 20_000 }).toBeGreaterThan(16);
  expect(given).toBeLessThan(64);
  writeFileSync(go, "");
  await giving;
  const { stdout, stderr, code } = await ended;
  expect({ stdout, stderr, code }).toEqual({ stdout: "waits\n8388608\n", stderr: "", code: 0 });
});

test("a node that is renamed writes it down, and says so where it is asked", async () => {
  expect((await yard("node", "rename", "two", "second")).code).toBe(0);
  const state = join(installation.folder, "two/state");
  const config = () => JSON.parse(readFileSync(join(state, "node.json"), "utf8")) as object;
  await expect.poll(config, { timeout: 10_000 }).toMatchObject({ name: "second" });
  expect((await yard("node", "status", "--state", state)).stdout).toMatch(/^second is connected/);
});
