import type { PairedNode, RotatedNode } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { aNode } from "../testing/fake-node.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const TOKEN = "q0JxW2v7Zk9PzR4tYbN1mA8sLdF3gH6jK5cXvBqWeRt";
const PAIRED: PairedNode = {
  node: aNode({ status: "never_seen" }),
  token: TOKEN,
  token_kind: "pairing",
  expires_at: "2026-01-01T01:15:00.000Z",
  warnings: [],
};

test("lists nodes with their state, and asks for those with a status and a label", async () => {
  const away = aNode({
    name: "attic",
    status: "disconnected",
    load: { calls: 0, jobs: 0, slots: 1 },
  });
  const { env, requests } = await startWireServer({ "GET /v1/nodes": { json: [aNode(), away] } });
  const filter = ["--status", "connected", "--status", "draining", "--label", "gpu"];
  const { stdout } = await callYard(["node", "list", ...filter], { env });
  expect(stdout).toMatch(
    /lab-7 +connected +2 min ago +linux\/amd64 +0\.1\.0 +1 +192\.0\.2\.7 +os=linux,gpu\n/,
  );
  expect(stdout).toMatch(/attic +disconnected/);
  expect(requests[0]?.path).toBe("/v1/nodes?status=connected%2Cdraining&label=gpu&limit=50");
  const { stdout: json } = await callYard(["node", "--json"], { env });
  expect(
    json
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).name),
  ).toEqual(["lab-7", "attic"]);
});

test("shows a node, and why it is away", async () => {
  const reason = "Its link was lost. Start it: yard node run";
  const { env } = await startWireServer({
    "GET /v1/nodes/lab%207": { json: aNode({ name: "lab 7", status: "disconnected", reason }) },
  });
  const { stdout } = await callYard(["node", "show", "lab 7"], { env });
  expect(stdout).toMatch(/^lab 7 {2}disconnected 2 min ago\n {2}Its link was lost\. Start it/);
  expect(stdout).toMatch(/machine +linux\/amd64, 6\.1, 4 CPUs, 8\.0 GiB\n/);
  expect(stdout).toMatch(/may +exec, read, jobs\n/);
});

test("says of a list without a node whether there is none, or none like that", async () => {
  const { env } = await startWireServer({
    "GET /v1/nodes": { json: [] },
    "GET /v1/nodes?label=gpu&limit=50": { json: [] },
  });
  expect((await callYard(["node", "list"], { env })).stdout).toContain("Pair one");
  const like = await callYard(["node", "list", "--label", "gpu"], { env });
  expect(like.stdout).toBe("No node is like that. All of them: yard node list\n");
});

test("explains a node: how it is and why, and what is under way there", async () => {
  const reason = "Its link was lost; it may come back.";
  const away = aNode({ status: "reconnecting", reason });
  const begun = {
    ts: "2026-01-01T00:58:00.000Z",
    actor: "token:ci",
    action: "node.exec",
    request_id: "c1",
    details: { command: "make all" },
  };
  let node = away;
  let audit = { json: [begun] as unknown };
  const { env, requests } = await startWireServer({
    "GET /v1/nodes/lab-7": () => ({ json: node }),
    "GET /v1/audit": () => audit,
  });
  const explained = await callYard(["explain", "lab-7"], { env });
  expect(explained).toMatchObject({ exitCode: 0, stderr: "" });
  expect(explained.stdout).toBe(
    `lab-7 is reconnecting since 2 min ago.\n${reason}\nUnder way there:\n  node.exec 2 min ago by token:ci, c1: make all\n`,
  );
  expect(requests.at(-1)?.path).toBe("/v1/audit?node=lab-7&open=true&limit=200");
  node = aNode({ load: { calls: 0, jobs: 4, slots: 4 } });
  audit = wireProblem(403, "forbidden", "The token lacks audit:read.");
  const refused = {
    ...{ at: "2026-01-01T00:57:00.000Z", address: "192.0.2.9" },
    ...{ reason: "name_conflict" as const, detail: "another machine has its token" },
  };
  node = { ...node, refused };
  const { stdout } = await callYard(["explain", "lab-7"], { env });
  expect(stdout).toMatch(/It has 4 of 4 jobs: it takes no more until one has ended\.\nThis token/);
  const told = "2 min ago from 192.0.2.9: another machine has its token\n";
  node = { ...node, refused: { ...refused, at: node.since } };
  const since = await callYard(["explain", "lab-7"], { env });
  expect(since.stdout).toContain(`\nA login was refused ${told}`);
  const shown = await callYard(["node", "show", "lab-7"], { env });
  expect(shown.stdout).toContain(`  refused      ${told}`);
});

test("pairs a node: the token once, and the line to paste on the machine", async () => {
  const { env, url, requests } = await startWireServer({
    "POST /v1/nodes": { status: 201, json: PAIRED },
  });
  const flags = [
    "--e2e",
    "--label",
    "os=linux",
    "--label",
    "rack=a=1",
    "--deny",
    "write",
    "jobs",
    "--path",
    "/srv",
  ];
  const call = await callYard(["node", "pair", "lab-7", ...flags, "--force"], { env });
  const options = `--server ${url.replace("http:", "ws:")} --token ${TOKEN} --name lab-7`;
  expect(call).toMatchObject({ exitCode: 0, stderr: "" });
  expect(call.stdout).toContain(
    `token: ${TOKEN}\nShown this once; it can be used once, until 2026-01-01T01:15:00.000Z.\n`,
  );
  expect(call.stdout).toContain(`\n  yard node run ${options}\n`);
  expect(call.stdout).toContain(
    `\n  node yard-node.mjs pair ${options} && node yard-node.mjs run\n`,
  );
  expect(call.stdout).toContain("For another machine print one that it reaches, over TLS");
  expect(requests[0]?.body).toEqual({
    name: "lab-7",
    e2e: "required",
    labels: { os: "linux", rack: "a=1" },
    grants: { write: false, jobs: false, paths: ["/srv"] },
    force: true,
  });
});

test("pairs a client of the base protocol, at the address that it reaches", async () => {
  const lasting = {
    ...PAIRED,
    node: aNode({ name: "it's" }),
    token_kind: "lasting",
    expires_at: null,
  };
  const { env, requests } = await startWireServer({
    "POST /v1/nodes": { status: 201, json: lasting },
  });
  const server = ["--server", "https://yard.example.org/"];
  const { stdout } = await callYard(["node", "pair", "it's", "--base", ...server], { env });
  expect(stdout).toContain(
    `  hermes-node pair --server wss://yard.example.org --token ${TOKEN} --name 'it'\\''s'\n`,
  );
  expect(stdout).toContain("it lasts until it is revoked");
  expect(stdout).not.toContain("For another machine");
  expect(requests[0]?.body).toEqual({ name: "it's", client: "base" });
});

test("prints a line that can be pasted for a name that begins with a dash as well", async () => {
  const { env } = await startWireServer({
    "POST /v1/nodes": { status: 201, json: { ...PAIRED, node: aNode({ name: "-x" }) } },
  });
  const { stdout } = await callYard(["node", "pair", "--", "-x"], { env });
  expect(stdout).toContain(` --token ${TOKEN} --name=-x\n`);
  expect(stdout).toContain(` --token ${TOKEN} --name=-x && node yard-node.mjs run\n`);
});

test("refuses what it can tell to be wrong before it asks", async () => {
  const { env, requests } = await startWireServer({});
  for (const wrong of [
    ["pair", "x", "--label", "=os"],
    ["pair", "x", "--server", "yard.example.org"],
    ["exec", "x"],
    ["exec", "x", "-c", "ls", "--", "ls"],
    ["exec", "x", "--env", "A", "--", "ls"],
    ["cp", "a", "b"],
    ["cp", "a", "lab-7:b"],
  ])
    expect([wrong, (await callYard(["node", ...wrong], { env })).exitCode]).toEqual([wrong, 2]);
  expect(requests).toEqual([]);
});

test("changes names and labels, and keeps the labels that were not named", async () => {
  const { env, requests } = await startWireServer({
    "GET /v1/nodes/lab-7": { json: aNode({ operator_labels: { gpu: "", rack: "a" } }) },
    "PATCH /v1/nodes/lab-7": { json: { ...aNode({ name: "lab-8" }), warnings: ["See to it."] } },
  });
  await callYard(["node", "label", "lab-7", "os=bsd", "gpu-", "fast"], { env });
  expect(requests.at(-1)?.body).toEqual({ labels: { rack: "a", os: "bsd", fast: "" } });
  const { stdout } = await callYard(["node", "rename", "lab-7", "lab-8"], { env });
  expect(requests.at(-1)?.body).toEqual({ name: "lab-8" });
  expect(stdout).toMatch(
    /^Renamed lab-7 to lab-8\.\n.*may come as lab-7 until another node is called so\.\nSee to it\.$/m,
  );
  const { stdout: shown } = await callYard(["node", "label", "lab-7"], { env });
  expect(shown).toBe("os=linux,gpu\n  of these yours: gpu,rack=a\n");
});

test("grants and denies what the server may ask of a node", async () => {
  const { env, requests } = await startWireServer({
    "PATCH /v1/nodes/lab-7": { json: aNode() },
  });
  const { stdout } = await callYard(["node", "grant", "lab-7", "jobs"], { env });
  expect(requests.at(-1)?.body).toEqual({ grants: { jobs: true } });
  expect(stdout).toBe("lab-7 may: exec, read, jobs.\n");
  await callYard(["node", "deny", "lab-7", "exec", "write"], { env });
  expect(requests.at(-1)?.body).toEqual({ grants: { exec: false, write: false } });
  expect((await callYard(["node", "deny", "lab-7", "all"], { env })).exitCode).toBe(2);
});

test("grants files in some folders alone, or wherever the owner allows", async () => {
  const paths = ["/srv", "/data"];
  const { env, requests } = await startWireServer({
    "PATCH /v1/nodes/lab-7": { json: aNode({ grants: { ...aNode().grants, paths } }) },
  });
  const grant = async (...args: string[]) =>
    await callYard(["node", "grant", "lab-7", ...args], { env });
  const { stdout } = await grant("read", "--path", "/srv", "--path", "/data");
  expect(requests.at(-1)?.body).toEqual({ grants: { read: true, paths } });
  expect(stdout).toBe("lab-7 may: exec, read, jobs; files in /srv, /data alone.\n");
  await grant("--any-path");
  expect(requests.at(-1)?.body).toEqual({ grants: { paths: null } });
  const nothing = await grant();
  expect(nothing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--path") });
  expect((await grant("--path", "/srv", "--any-path")).exitCode).toBe(2);
});

test("sets how a base client is spoken with, and what is encrypted", async () => {
  const base = { chunks: "merge", env: "refuse", stdin_guard: true } as const;
  const { env, requests } = await startWireServer({
    "PATCH /v1/nodes/lab-7": { json: aNode({ base, e2e: "required" }) },
    "GET /v1/nodes/lab-7": { json: aNode({ base, client: "base" }) },
  });
  const set = async (...args: string[]) =>
    await callYard(["node", "set", "lab-7", ...args], { env });
  const flags = ["--base-chunks", "merge", "--base-env", "refuse", "--base-stdin", "guard"];
  const { stdout } = await set(...flags, "--e2e", "required");
  expect(requests.at(-1)?.body).toEqual({ base, e2e: "required" });
  expect(stdout).toBe(
    "lab-7: base chunks merge, env refuse, stdin guard; end-to-end encryption required.\n",
  );
  await set("--base-stdin", "share");
  expect(requests.at(-1)?.body).toEqual({ base: { stdin_guard: false } });
  expect(await set()).toMatchObject({ exitCode: 2 });
  expect((await set("--base-chunks", "some")).exitCode).toBe(2);
  const shown = await callYard(["node", "show", "lab-7"], { env });
  expect(shown.stdout).toContain("base chunks merge, env refuse, stdin guard");
});

test("rotates over the link, or shows the new token where that cannot be", async () => {
  const pushed: RotatedNode = {
    node: aNode(),
    delivered: true,
    token: null,
    token_kind: null,
    expires_at: null,
  };
  let answer: RotatedNode = pushed;
  const { env, requests } = await startWireServer({
    "POST /v1/nodes/lab-7/rotate": () => ({ json: answer }),
  });
  const { stdout } = await callYard(["node", "rotate", "lab-7"], { env });
  expect(stdout).toContain("lab-7 has a new token");
  expect(requests[0]?.body).toEqual({ push: true });
  answer = { ...pushed, delivered: false, token: TOKEN, token_kind: "pairing" };
  const shown = await callYard(["node", "rotate", "lab-7", "--no-push"], { env });
  expect(shown.stdout).toContain(`token: ${TOKEN}`);
  expect(shown.stdout).toContain(` --token ${TOKEN} --name lab-7 --force\n`);
  expect(shown.stdout).toContain("what its owner allows stays");
  expect(requests[1]?.body).toEqual({ push: false });
});

test("revokes, lists shell sessions and resets one", async () => {
  const session = {
    session: "main",
    shell_id: "s-1",
    cwd: "/srv/app",
    running: 1,
    queued: 2,
    since: null,
    last_call_at: "2026-01-01T00:59:00.000Z",
  };
  const reset = {
    request_id: "r",
    node: "lab-7",
    session: "main",
    shell_id: "s-2",
    cwd: "/srv",
    killed: 2,
  };
  const { env, requests } = await startWireServer({
    "POST /v1/nodes/lab-7/revoke": { json: aNode({ status: "revoked" }) },
    "GET /v1/nodes/lab-7/sessions": { json: [session] },
    "POST /v1/nodes/lab-7/sessions/main/reset": { json: reset },
  });
  const revoked = await callYard(["node", "revoke", "lab-7", "--reason", "stolen"], { env });
  expect(revoked.stdout).toBe("lab-7 is revoked.\n");
  expect(requests[0]?.body).toEqual({ reason: "stolen" });
  const { stdout } = await callYard(["node", "sessions", "lab-7"], { env });
  expect(stdout).toMatch(/main +1 +2 +1 min ago +\/srv\/app\n/);
  const fresh = await callYard(["node", "reset", "lab-7"], { env });
  expect(fresh.stdout).toBe("main has a fresh shell in /srv; 2 process groups killed.\n");
});

test.each([
  ["node_offline", 409, 6],
  ["node_revoked", 409, 4],
  ["node_busy", 429, 5],
  ["not_found", 404, 3],
])(
  "exits for %s as the registry says, with the server's own advice",
  async (code, status, exitCode) => {
    const detail = "Node lab-7 is disconnected since 00:58. Start it there: yard node run";
    const { env } = await startWireServer({
      "POST /v1/nodes/lab-7/exec": wireProblem(status, code, detail),
    });
    const call = await callYard(["node", "exec", "lab-7", "--", "true"], { env });
    expect(call).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(detail) });
  },
);
