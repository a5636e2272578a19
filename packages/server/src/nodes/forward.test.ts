import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { AppError, nextCursor } from "@yardmaster/protocol";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { hasOpenssl, makeCertificate } from "../../test/certificate.ts";
import { ADMIN } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { outcomeOf, startNodes, type TestNodes, type TestNodesOptions } from "./nodes.fixture.ts";
import { connect, type Installation } from "./registry/registry.fixture.ts";

const openssl = hasOpenssl();
if (!openssl)
  console.log("skipped: no openssl on this machine, forwarding over TLS was not tested");

let db: TestDatabase;
const running: TestNodes[] = [];
const folder = mkdtempSync(join(tmpdir(), "yard-forward-"));
beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});
afterAll(async () => {
  await db?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Two API processes; the node's link is held by the second. */
async function setup(name: string, options: TestNodesOptions = {}) {
  const installation: Installation = { living: new Map() };
  const start = async () => {
    const each = await startNodes(db.database, { installation, ...options });
    running.push(each);
    return each;
  };
  const near = await start();
  const far = await start();
  const { url } = await far.http.listen("127.0.0.1", 0);
  const announce = (at: string | null) =>
    installation.living.set(far.self.id, { host: hostname(), url: at });
  announce(url);
  await connect(far.registry, name);
  await far.link(name);
  return { near, far, url, announce };
}

it("passes a call on to the process that holds the link, with the caller's token, and its answer back", async () => {
  const seen: (string | undefined)[] = [];
  const { near, far } = await setup("there", {
    authenticate: (header) => {
      seen.push(header);
      return ADMIN;
    },
  });
  far.hub.onExec = async (_request, _options, callId) =>
    outcomeOf(callId, { node: "there", status: "error", exitCode: 7 });
  const headers = { authorization: "Bearer mine", "x-request-id": "req-9" };
  const answer = await near.call("POST", "/v1/nodes/there/exec", { command: "exit 7" }, headers);
  expect(answer).toMatchObject({ status: 200, body: { node: "there", exit_code: 7 } });
  expect(seen).toEqual(["Bearer mine", "Bearer mine"]);
  expect(near.hub.asked).toEqual([]);
  expect(far.hub.asked).toMatchObject([
    {
      what: "exec",
      request: { command: "exit 7" },
      options: { details: { http_request: "req-9" } },
    },
  ]);
  const denied = await near.call("POST", "/v1/nodes/there/read", { path: "/denied" });
  expect(denied).toMatchObject({ status: 403, body: { code: "path_not_allowed" } });
  const page = await near.call("GET", "/v1/nodes/there/sessions?limit=1");
  expect(page).toMatchObject({ status: 200, body: [{ session: "build" }] });
  const next = nextCursor(page.headers["link"] as string);
  const last = await near.call("GET", `/v1/nodes/there/sessions?limit=1&cursor=${next}`);
  expect(last).toMatchObject({ status: 200, body: [{ session: "main" }] });
  expect(last.headers["link"]).toBeUndefined();
  const call = "0190b3a1-7c3e-7abc-8def-0123456789ab";
  const input = await near.call("POST", `/v1/nodes/there/calls/${call}/input`, { eof: true });
  expect(input.status).toBe(204);
});

it("answers for input when the process that holds the link does, with the word to give it again", async () => {
  const { near, far } = await setup("slow");
  let taken = (): void => undefined;
  const isAsked = new Promise<void>((asked) => {
    far.hub.onInput = () => {
      asked();
      return new Promise((resolve) => {
        taken = resolve;
      });
    };
  });
  const path = "/v1/nodes/slow/calls/0190b3a1-7c3e-7abc-8def-0123456789ab/input";
  let isAnswered = false;
  const given = near.call("POST", path, { eof: true });
  void given.then(() => {
    isAnswered = true;
  });
  await isAsked;
  expect((await near.call("GET", "/v1/nodes/slow/sessions")).status).toBe(200);
  expect(isAnswered).toBe(false);
  taken();
  expect((await given).status).toBe(204);
  far.hub.onInput = () => Promise.reject(new AppError("node_busy", "It does not read."));
  const refused = await near.call("POST", path, { eof: true });
  expect(refused).toMatchObject({ status: 429, body: { code: "node_busy" } });
});

it("carries a keyed call out once, whichever process is asked, and says that it was repeated", async () => {
  const { near, far } = await setup("once");
  let calls = 0;
  far.hub.onExec = async (_request, _options, callId) => {
    calls++;
    return outcomeOf(callId);
  };
  const exec = (key: string) =>
    near.call("POST", "/v1/nodes/once/exec", { command: "true" }, { "idempotency-key": key });
  const first = await exec("exec");
  const again = await exec("exec");
  expect(again.body).toEqual(first.body);
  expect(again.headers["idempotency-replayed"]).toBe("true");
  expect(calls).toBe(1);
  const call = "0190b3a1-7c3e-7abc-8def-0123456789ab";
  const input = () =>
    near.call(
      "POST",
      `/v1/nodes/once/calls/${call}/input`,
      { eof: true },
      { "idempotency-key": "i" },
    );
  expect((await input()).status).toBe(204);
  expect(await input()).toMatchObject({ status: 204, headers: { "idempotency-replayed": "true" } });
  expect(far.hub.asked.filter(({ what }) => what === "input")).toHaveLength(1);
});

it("passes a stream on as it comes, and its end by the caller too", async () => {
  const { near, far } = await setup("live");
  let goOn = (): void => undefined;
  const canceled = new Promise<void>((resolve) => {
    far.hub.onExec = async (_request, options, callId) => {
      await options.onOutput?.({ stream: "stdout", bytes: Buffer.from("first") });
      await new Promise<void>((done) => {
        goOn = done;
      });
      void options.onOutput?.({ stream: "stdout", bytes: Buffer.from("second") });
      await new Promise<void>((done) =>
        options.signal?.addEventListener("abort", () => done(), { once: true }),
      );
      resolve();
      return outcomeOf(callId, { status: "canceled" });
    };
  });
  const { url } = await near.http.listen("127.0.0.1", 0);
  const leaving = new AbortController();
  const response = await fetch(`${url}/v1/nodes/live/exec`, {
    method: "POST",
    headers: { accept: "application/x-ndjson", "content-type": "application/json" },
    body: JSON.stringify({ command: "x" }),
    signal: leaving.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(Buffer.from("first").toString("base64")))
    text += (await reader?.read())?.value;
  goOn();
  while (!text.includes(Buffer.from("second").toString("base64")))
    text += (await reader?.read())?.value;
  leaving.abort();
  await canceled;
});

it("passes nothing on twice: a node that moved meanwhile is told to be away", async () => {
  const { near, far } = await setup("moved");
  far.hub.lives.clear();
  const answer = await near.call("POST", "/v1/nodes/moved/exec", { command: "true" });
  expect(answer).toMatchObject({ status: 409, body: { code: "node_offline" } });
  expect(near.hub.asked).toEqual([]);
});

it("says where the node is when that process does not answer, or has not said where it listens", async () => {
  const { near, announce } = await setup("lost");
  announce("http://127.0.0.1:1");
  expect(await near.call("POST", "/v1/nodes/lost/exec", { command: "true" })).toMatchObject({
    status: 503,
    body: { code: "unavailable", detail: expect.stringContaining("http://127.0.0.1:1") },
  });
  announce(null);
  expect(await near.call("POST", "/v1/nodes/lost/exec", { command: "true" })).toMatchObject({
    status: 503,
    body: { detail: expect.stringContaining(`on ${hostname()}`) },
  });
});

it("does not say of a call that may have run that it may be sent again", async () => {
  const { near, far } = await setup("cut");
  far.hub.onExec = () => {
    far.http.server.closeAllConnections();
    return new Promise(() => undefined);
  };
  expect(await near.call("POST", "/v1/nodes/cut/exec", { command: "true" })).toMatchObject({
    status: 409,
    body: { code: "node_disconnected", detail: expect.stringContaining("yard audit --node cut") },
  });
});

it.skipIf(!openssl)(
  "knows another process by the certificate that they share, and no other",
  async () => {
    const tls = makeCertificate(folder, "yard.example.test");
    const { fingerprint256: fingerprint } = new X509Certificate(readFileSync(tls.certPath));
    const { near } = await setup("pinned", { tls, fingerprint });
    expect(await near.call("POST", "/v1/nodes/pinned/exec", { command: "true" })).toMatchObject({
      status: 200,
    });
    const { near: wary } = await setup("wary", { tls, fingerprint: "00:11" });
    expect(await wary.call("POST", "/v1/nodes/wary/exec", { command: "true" })).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("another certificate") },
    });
    const { near: bare } = await setup("bare", { tls });
    expect(await bare.call("POST", "/v1/nodes/bare/exec", { command: "true" })).toMatchObject({
      status: 503,
      body: { code: "unavailable", detail: expect.stringContaining("self-signed") },
    });
  },
);
