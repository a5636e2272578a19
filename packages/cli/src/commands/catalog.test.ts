import type { Action, Workflow } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { startWireServer } from "../testing/wire-server.ts";

const INPUT = {
  type: "object",
  properties: { people: { type: "array" }, delay: { type: "string" } },
  required: ["people"],
};
const ACTION: Action = {
  ref: "shop.pack",
  pack: "shop",
  description: "Packs a box.",
  runner: "process",
  input_schema: INPUT,
  output_schema: { type: "object" },
  timeout: "300s",
  attempts: 3,
  queue: "deploy",
  as_tool: false,
  pack_digest: "d",
};
const WORKFLOW: Workflow = {
  ref: "shop.order",
  pack: "shop",
  description: null,
  input_schema: INPUT,
  steps: [
    { id: "box", uses: "shop.pack", needs: [] },
    { id: "ship", uses: "core.http", needs: ["box"] },
  ],
  timeout: null,
  as_tool: false,
  pack_digest: "d",
};

test("lists actions with what they need, and shows one with its schemas", async () => {
  const { env, requests } = await startWireServer({
    "GET /v1/actions": { json: [ACTION] },
    "GET /v1/actions/shop.pack": { json: ACTION },
  });
  const list = await callYard(["actions", "--pack", "shop"], { env });
  expect(list.stdout).toMatch(/shop\.pack +process +people\*, delay +Packs a box\.\n/);
  expect(requests[0]?.path).toBe("/v1/actions?pack=shop&limit=200");
  const { stdout } = await callYard(["actions", "show", "shop.pack"], { env });
  expect(stdout).toMatch(/attempts {2}3\nqueue {5}deploy\n\ninput\n\{\n/);
  expect(stdout).toContain("output\n{");
});

test("lists workflows, and shows one with its steps", async () => {
  const { env } = await startWireServer({
    "GET /v1/workflows": { json: [WORKFLOW] },
    "GET /v1/workflows/shop.order": { json: WORKFLOW },
  });
  expect((await callYard(["workflows"], { env })).stdout).toMatch(
    /shop\.order +2 +people\*, delay\n/,
  );
  const { stdout } = await callYard(["workflows", "show", "shop.order"], { env });
  expect(stdout).toContain("step  box  shop.pack\nstep  ship  core.http, after box\n");
});

test("shows the queues, sources and sensors of a pack, and what is wrong in it with its place, and since when", async () => {
  const pack = {
    pack: "shop",
    version: "1.0.0",
    status: "broken",
    digest: "d",
    folder: "/packs/shop",
    actions: [],
    workflows: [],
    rules: [],
    queues: ["deploy"],
    sources: ["forge"],
    sensors: ["shop.till"],
    errors: [
      { path: ".", message: "there is no such folder" },
      { path: "rules/r.yaml:2:1", message: "is wrong" },
    ],
    errors_since: "2026-01-01T00:57:00.000Z",
    loaded_at: null,
  };
  const { env } = await startWireServer({ "GET /v1/packs": { json: [pack] } });
  const { stdout } = await callYard(["packs"], { env });
  expect(stdout).toContain(
    "✗ shop 1.0.0  /packs/shop  broken, found 3 min ago; the version before goes on\n",
  );
  expect(stdout).toContain(
    "  queues     deploy\n  sources    forge\n  sensors    shop.till\n  there is no such folder\n  rules/r.yaml:2:1: is wrong\n",
  );
  const reloading = await startWireServer({
    "GET /v1/packs": { json: [pack] },
    "POST /v1/packs/reload": { json: [] },
  });
  const reloaded = await callYard(["packs", "reload"], { env: reloading.env });
  expect(reloaded.stdout).toBe(stdout);
  expect(reloading.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

test("shows one pack with its digest and since when it is loaded", async () => {
  const nothing = { rules: [], queues: [], agents: [], sources: [], sensors: [], tasks: [] };
  const pack = {
    ...{ pack: "shop", version: "1.0.0", status: "active", digest: "abc", folder: "/packs/shop" },
    ...{ ...nothing, actions: ["shop.sell"], workflows: [], errors: [], errors_since: null },
    loaded_at: "2026-01-01T00:57:00.000Z",
  };
  const { env } = await startWireServer({ "GET /v1/packs/shop": { json: pack } });
  expect((await callYard(["packs", "show", "shop"], { env })).stdout).toBe(
    "✓ shop 1.0.0  /packs/shop\n  actions    shop.sell\n  digest     abc\n  loaded     3 min ago\n",
  );
  const asJson = await callYard(["packs", "show", "shop", "--json"], { env });
  expect(JSON.parse(asJson.stdout)).toEqual(pack);
});

test.each([
  ["rules", "paused", "No rule is paused."],
  ["queues", "held", "No queue is held."],
  ["sensors", "backoff", "No sensor is backoff."],
  ["packs", "broken", "No pack is broken."],
])("lists those %s that are %s", async (what, status, none) => {
  const { env, requests } = await startWireServer({ [`GET /v1/${what}`]: { json: [] } });
  const { stdout } = await callYard([what, "--status", status], { env });
  expect(stdout).toBe(`${none}\n`);
  expect(requests.map(({ path }) => path)).toEqual([`/v1/${what}?status=${status}&limit=200`]);
  const wrong = await callYard([what, "--status", "odd"], { env });
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(status) });
});
