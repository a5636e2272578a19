import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { startNodes, type TestNodes } from "./nodes.fixture.ts";

let db: TestDatabase;
let test: TestNodes;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startNodes(db.database);
});
afterAll(async () => {
  await test?.close();
  await db?.drop();
});

const pair = (name: string, more: object = {}) => test.call("POST", "/v1/nodes", { name, ...more });

it("pairs, swaps and shows a node, its token once and never cached", async () => {
  const paired = await pair("lab-1", { labels: { os: "linux" } });
  expect(paired).toMatchObject({
    status: 201,
    headers: { location: "/v1/nodes/lab-1", "cache-control": "no-store" },
    body: { token_kind: "pairing", node: { name: "lab-1", status: "never_seen" } },
  });
  expect(new Date(paired.body.expires_at).getTime() - Date.now()).toBeGreaterThan(14 * 60_000);
  const swapped = await test.call("POST", "/v1/nodes/pair", {
    token: paired.body.token,
    node_version: "1.0.0",
  });
  expect(swapped).toMatchObject({
    status: 200,
    headers: { "cache-control": "no-store" },
    body: { name: "lab-1", token: expect.any(String), url_path: "/ws/nodes", e2e: "off" },
  });
  expect(swapped.body.token).not.toBe(paired.body.token);
  const again = await test.call("POST", "/v1/nodes/pair", { token: paired.body.token });
  expect(again).toMatchObject({ status: 401, body: { code: "invalid_pairing_token" } });
  const shown = await test.call("GET", "/v1/nodes/lab-1");
  expect(shown).toMatchObject({
    status: 200,
    body: { labels: { os: "linux" }, since: expect.any(String) },
  });
  expect(JSON.stringify(shown.body)).not.toContain(swapped.body.token);
});

it("gives a base client a lasting token at once", async () => {
  expect(await pair("base-1", { client: "base" })).toMatchObject({
    status: 201,
    body: { token_kind: "lasting", expires_at: null },
  });
});

it("counts wrong pairing tokens by address, and refuses more after twenty in a minute", async () => {
  const guess = () => test.call("POST", "/v1/nodes/pair", { token: "wrong" });
  for (let i = 0; i < 30; i++) if ((await guess()).status === 429) break;
  expect(await guess()).toMatchObject({
    status: 429,
    body: { code: "rate_limited", detail: expect.stringContaining("127.0.0.1") },
    headers: { "retry-after": expect.any(String) },
  });
});

it("names what is taken, and what to do", async () => {
  await pair("twice");
  expect(await pair("twice")).toMatchObject({
    status: 409,
    body: { code: "conflict", detail: expect.stringContaining("yard node revoke twice") },
  });
  expect((await pair("twice", { force: true })).status).toBe(201);
  expect(await pair("a/b")).toMatchObject({ status: 400, body: { errors: [{ path: "/name" }] } });
});

it("pages through the list, and filters by status and labels", async () => {
  for (const name of ["page-1", "page-2", "page-3"]) await pair(name, { labels: { page: "x" } });
  const first = await test.call("GET", "/v1/nodes?label=page&limit=2");
  expect(first.body.map(({ name }: { name: string }) => name)).toEqual(["page-1", "page-2"]);
  const next = /<([^>]+)>/.exec(String(first.headers["link"]))?.[1] ?? "";
  const second = await test.call("GET", next);
  expect(second.body.map(({ name }: { name: string }) => name)).toEqual(["page-3"]);
  expect(second.headers["link"]).toBeUndefined();
  await test.call("POST", "/v1/nodes/page-2/revoke", {});
  const revoked = await test.call("GET", "/v1/nodes?status=revoked&label=page%3Dx");
  expect(revoked.body).toMatchObject([{ name: "page-2", status: "revoked" }]);
  expect(await test.call("GET", "/v1/nodes?status=asleep")).toMatchObject({
    status: 400,
    body: { errors: [{ message: expect.stringContaining("never_seen") }] },
  });
  expect(await test.call("GET", "/v1/nodes?cursor=x")).toMatchObject({ status: 400 });
});

it("changes labels, grants and the name, and refuses what it does not know", async () => {
  await pair("changed", { grants: { write: false } });
  const body = { name: "renamed", labels: { gpu: "a100" }, grants: { exec: false } };
  expect(await test.call("PATCH", "/v1/nodes/changed", body)).toMatchObject({
    status: 200,
    body: {
      name: "renamed",
      labels: { gpu: "a100" },
      grants: { exec: false, read: true, write: false, jobs: true, paths: null },
    },
  });
  expect((await test.call("GET", "/v1/nodes/changed")).status).toBe(404);
  for (const path of ["srv", "/srv/../etc"])
    expect(
      await test.call("PATCH", "/v1/nodes/renamed", { grants: { paths: [path] } }),
    ).toMatchObject({ status: 400, body: { errors: [{ path: "/grants/paths/0" }] } });
  expect(await test.call("PATCH", "/v1/nodes/renamed", { label: {} })).toMatchObject({
    status: 400,
    body: { errors: [{ path: "/label" }] },
  });
});

it("shows the load that the link has now", async () => {
  await pair("loaded");
  await test.link("loaded");
  const { body } = await test.call("GET", "/v1/nodes/loaded");
  expect(body.load.calls).toBe(3);
});

it("pushes a new token over the link where the node can take it, and shows none", async () => {
  await pair("pushed", { client: "base" });
  const { nodeId } = await test.link("pushed");
  test.hub.rotateOutcome = { status: "delivered" };
  const rotated = await test.call("POST", "/v1/nodes/pushed/rotate", {});
  expect(rotated).toMatchObject({ status: 200, body: { delivered: true, token: null } });
  const sent = test.hub.asked.at(-1);
  expect(sent).toMatchObject({ what: "rotate", node: nodeId, request: { oldValidMs: 600_000 } });
  const { text } = (sent?.request ?? {}) as { text: string };
  expect(await test.registry.links.verify("pushed", text)).toMatchObject({ kind: "valid" });
});

it("shows a token whose encryption is not that of the link: only pairing makes a node change it", async () => {
  await pair("in-clear", { client: "base" });
  await test.link("in-clear");
  test.hub.rotateOutcome = { status: "delivered" };
  const rotate = async (e2e: string) =>
    (await test.call("POST", "/v1/nodes/in-clear/rotate", { e2e })).body;
  expect(await rotate("required")).toMatchObject({ delivered: false, token: expect.any(String) });
  expect(await rotate("preferred")).toMatchObject({ delivered: true });
  await test.link("in-clear", { isE2e: true });
  expect(await rotate("required")).toMatchObject({ delivered: true });
  expect(await rotate("off")).toMatchObject({ delivered: false, token: expect.any(String) });
});

it("shows a new token where the node cannot take it, and keeps the old one where it did not", async () => {
  const paired = await pair("shown", { client: "base" });
  await test.link("shown");
  test.hub.rotateOutcome = { status: "unsupported", reason: "no TLS" };
  const rotated = await test.call("POST", "/v1/nodes/shown/rotate", {});
  expect(rotated).toMatchObject({ status: 200, body: { delivered: false, token_kind: "lasting" } });
  expect(await test.registry.links.verify("shown", rotated.body.token)).toMatchObject({
    kind: "valid",
  });
  test.hub.rotateOutcome = { status: "refused", reason: "its config is read only" };
  const refused = await test.call("POST", "/v1/nodes/shown/rotate", {});
  expect(refused).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("its config is read only") },
  });
  expect(await test.registry.links.verify("shown", paired.body.token)).toMatchObject({
    kind: "valid",
  });
  const phases = test.audit.filter(
    ({ action, subject }) => action === "node.rotate" && subject === "shown",
  );
  expect(phases.map(({ phase, status }) => [phase, status])).toEqual([
    ["begin", undefined],
    ["end", "ok"],
    ["begin", undefined],
    ["end", "conflict"],
  ]);
});

it("closes the link with the revocation, and says of the next call what happened", async () => {
  await pair("cut");
  const { nodeId } = await test.link("cut");
  const revoked = await test.call("POST", "/v1/nodes/cut/revoke", { reason: "sold" });
  expect(revoked).toMatchObject({ status: 200, body: { status: "revoked" } });
  expect(test.hub.lives.has(nodeId)).toBe(false);
  expect(await test.call("POST", "/v1/nodes/cut/exec", { command: "true" })).toMatchObject({
    status: 409,
    body: { code: "node_revoked", detail: expect.stringContaining("cut") },
  });
  expect((await test.call("POST", "/v1/nodes/never/revoke", {})).status).toBe(404);
});

it("asks for a token at every route but the one that swaps", async () => {
  const closed = await startNodes(db.database, { authenticate: () => undefined });
  const routes: ["GET" | "POST" | "PATCH", string][] = [
    ["POST", "/v1/nodes"],
    ["GET", "/v1/nodes"],
    ["GET", "/v1/nodes/x"],
    ["PATCH", "/v1/nodes/x"],
    ["POST", "/v1/nodes/x/rotate"],
    ["POST", "/v1/nodes/x/revoke"],
    ["GET", "/v1/nodes/x/sessions"],
    ["POST", "/v1/nodes/x/sessions/main/reset"],
    ["POST", "/v1/nodes/x/exec"],
    ["POST", `/v1/nodes/x/calls/${ID}/input`],
    ["POST", `/v1/nodes/x/calls/${ID}/resize`],
    ["POST", `/v1/nodes/x/calls/${ID}/cancel`],
    ["POST", "/v1/nodes/x/read"],
    ["POST", "/v1/nodes/x/write"],
  ];
  for (const [method, url] of routes) {
    const answer = await closed.call(method, url, method === "GET" ? undefined : {});
    expect(answer, `${method} ${url}`).toMatchObject({ status: 401 });
  }
  const swap = await closed.call("POST", "/v1/nodes/pair", { token: "x" });
  expect(swap).toMatchObject({ status: 401, body: { code: "invalid_pairing_token" } });
  await closed.close();
});

it("asks for the scope of what is done", async () => {
  const reader = await startNodes(db.database, {
    authenticate: () => ({ tokenId: ID, name: "reader", scopes: ["nodes:read"] }),
  });
  expect((await reader.call("GET", "/v1/nodes")).status).toBe(200);
  for (const [url, scope] of [
    ["/v1/nodes/x/exec", "nodes:exec"],
    ["/v1/nodes/x/read", "nodes:files"],
    ["/v1/nodes/x/revoke", "nodes:write"],
  ] as const)
    expect(await reader.call("POST", url, {})).toMatchObject({
      status: 403,
      body: { errors: [{ expected: scope }] },
    });
  await reader.close();
});

it("refuses what comes from elsewhere without TLS, and says what to set", async () => {
  const far = await startNodes(db.database, { proxies: ["203.0.113.1"] });
  const ask = (remoteAddress: string, headers: Record<string, string> = {}) =>
    far.http.inject({ url: "/v1/nodes", remoteAddress, headers });
  const refused = await ask("198.51.100.9");
  expect(refused.statusCode).toBe(403);
  expect(refused.json()).toMatchObject({
    code: "insecure_transport",
    detail: expect.stringMatching(/YARD_TLS_CERT.*YARD_TRUST_PROXY.*YARD_INSECURE/),
  });
  const pairing = await far.http.inject({
    method: "POST",
    url: "/v1/nodes/pair",
    remoteAddress: "198.51.100.9",
    payload: { token: "x" },
  });
  expect(pairing.json()).toMatchObject({ code: "insecure_transport" });
  // Nobody but the declared proxy is believed.
  const claimed = { "x-forwarded-proto": "https", "x-forwarded-for": "127.0.0.1" };
  expect((await ask("198.51.100.9", claimed)).statusCode).toBe(403);
  expect((await ask("203.0.113.1", claimed)).statusCode).toBe(200);
  expect((await ask("127.0.0.1")).statusCode).toBe(200);
  await far.close();
  const told = await startNodes(db.database, { isInsecureAllowed: true });
  const answer = await told.http.inject({ url: "/v1/nodes", remoteAddress: "198.51.100.9" });
  expect(answer.statusCode).toBe(200);
  await told.close();
});

const ID = "0190b3a1-7c3e-7abc-8def-0123456789ab";
