import type { ServerResponse } from "node:http";
import type { ExecEnded } from "@yardmaster/protocol";
import { expect, test, vi } from "vitest";
import { createClient } from "../client.ts";
import { problem, readBody, sendJson, serve } from "../testing/serve.ts";

const CALL = "0197a1b2-0000-7000-8000-0000000000c1";
const STARTED = { type: "started", call: CALL, node: "lab-7" };
const ENDED: ExecEnded = {
  type: "ended",
  request_id: CALL,
  node: "lab-7",
  status: "error",
  exit_code: 7,
  signal: null,
  stdout_truncated: false,
  stderr_truncated: false,
  duration_ms: 12,
  cwd: "/srv",
  error: null,
  flags: [],
};

const output = (bytes: string | Buffer, stream = "stdout") => ({
  type: "output",
  stream,
  data_b64: Buffer.from(bytes).toString("base64"),
});
const lines = (...events: object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");
const begin = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "application/x-ndjson" });

test("streams a call as it goes on, whatever else a newer server tells", async () => {
  let accept: string | undefined;
  let asked: unknown;
  const url = await serve(async (request, response) => {
    accept = request.headers.accept;
    asked = [request.method, request.url, await readBody(request)];
    const all = lines(STARTED, { type: "news" }, output("a"), { type: "state", state: "x" }, ENDED);
    begin(response).write(`\n${all.slice(0, 40)}`);
    response.end(`${all.slice(40)}\n{"type":"late"}\n`);
  });
  const { nodes } = createClient({ url });
  const types: string[] = [];
  for await (const event of nodes.stream("lab 7", { argv: ["ls"] })) types.push(event.type);
  expect(types).toEqual(["started", "output", "state", "ended"]);
  expect(accept).toContain("application/x-ndjson");
  expect(asked).toEqual(["POST", "/v1/nodes/lab%207/exec", { argv: ["ls"] }]);
});

test("runs a call to its end, characters put together that came in pieces", async () => {
  const umlaut = Buffer.from("ä");
  const url = await serve((_, response) => {
    const pieces = [output(umlaut.subarray(0, 1)), output("e", "stderr")];
    begin(response).end(lines(STARTED, ...pieces, output(umlaut.subarray(1)), ENDED));
  });
  const result = await createClient({ url }).nodes.exec("lab-7", { command: "x" });
  expect(result).toMatchObject({ stdout: "ä", stderr: "e", exit_code: 7, status: "error" });
  expect(result).not.toHaveProperty("type");
  expect(result).not.toHaveProperty("stdout_b64");
});

test("says which call was lost sight of when the answer breaks off", async () => {
  const url = await serve((_, response, number) => {
    begin(response).write(lines(STARTED), () =>
      number === 0 ? response.destroy() : response.end(),
    );
  });
  const { nodes } = createClient({ url });
  for (let i = 0; i < 2; i++)
    await expect(nodes.exec("lab-7", { command: "x" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(new RegExp(`Call ${CALL} .* yard audit --request ${CALL}`)),
    });
});

test("throws what kept a call from being begun, and gives a call up with its signal", async () => {
  let closed = false;
  const url = await serve((_, response, number) => {
    if (number === 0)
      return sendJson(response, problem(409, "node_offline", "No."), { status: 409 });
    response.once("close", () => {
      closed = true;
    });
    begin(response).write(lines(STARTED));
  });
  const { nodes } = createClient({ url });
  await expect(nodes.exec("lab-7", { command: "x" })).rejects.toMatchObject({
    code: "node_offline",
  });
  const gone = new AbortController();
  const events = nodes.stream("lab-7", { command: "x" }, { signal: gone.signal });
  await events.next();
  const next = events.next();
  gone.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  await vi.waitFor(() => expect(closed).toBe(true));
});

test("gives a piece of input until there is room for it, and no longer than its caller waits", async () => {
  let answers = 0;
  const bodies: string[] = [];
  const url = await serve(async (request, response) => {
    bodies.push(JSON.stringify(await readBody(request)));
    answers++;
    const [status, code] =
      answers < 3 ? ([429, "node_busy"] as const) : ([404, "not_found"] as const);
    if (answers === 3) sendJson(response, {});
    else sendJson(response, problem(status, code, "So it is."), { status });
  });
  const { nodes } = createClient({ url });
  const piece = { data_b64: "eA==" };
  await nodes.input("lab-7", CALL, piece);
  expect(bodies).toEqual(Array.from({ length: 3 }, () => JSON.stringify(piece)));
  await expect(nodes.input("lab-7", CALL, piece)).rejects.toMatchObject({ code: "not_found" });
  answers = 0;
  const leaving = AbortSignal.timeout(20);
  await expect(nodes.input("lab-7", CALL, piece, { signal: leaving })).rejects.toThrow();
});

test("asks for each thing at its own path", async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const isList = request.url?.endsWith("limit=200") === true;
    sendJson(response, isList ? [{ name: "a" }] : {});
  });
  const { nodes } = createClient({ url });
  await nodes.pair({ name: "a" });
  for await (const { name } of nodes.list({ label: "gpu" })) expect(name).toBe("a");
  await nodes.get("a");
  await nodes.change("a", { labels: {} });
  await nodes.rotate("a");
  await nodes.revoke("a");
  await nodes.input("a", "c", { eof: true });
  await nodes.resize("a", "c", { cols: 1, rows: 1 });
  await nodes.cancel("a", "c");
  await nodes.sessions("a");
  await nodes.reset("a", "main");
  await nodes.read("a", { path: "/x" });
  await nodes.write("a", { path: "/x", content_b64: "" });
  expect(asked).toEqual([
    "POST /v1/nodes",
    "GET /v1/nodes?label=gpu&limit=200",
    "GET /v1/nodes/a",
    "PATCH /v1/nodes/a",
    "POST /v1/nodes/a/rotate",
    "POST /v1/nodes/a/revoke",
    "POST /v1/nodes/a/calls/c/input",
    "POST /v1/nodes/a/calls/c/resize",
    "POST /v1/nodes/a/calls/c/cancel",
    "GET /v1/nodes/a/sessions?limit=200",
    "POST /v1/nodes/a/sessions/main/reset",
    "POST /v1/nodes/a/read",
    "POST /v1/nodes/a/write",
  ]);
});

test("walks the audit's chain part by part, to its end or its first break", async () => {
  const part = { ok: true, entries: 2, first: null, last: null, broken: null, next: 2 };
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    asked.push(request.url);
    const broken = { seq: 5, why: "missing", detail: "" };
    sendJson(response, [part, { ...part, next: null }, { ...part, ok: false, broken }][number]);
  });
  const { audit } = createClient({ url });
  const walk = async () => {
    let parts = 0;
    for await (const _ of audit.verify({ step: 2 })) parts++;
    return parts;
  };
  expect([await walk(), await walk()]).toEqual([2, 1]);
  expect(asked).toEqual([
    "/v1/audit/verify?limit=2",
    "/v1/audit/verify?after=2&limit=2",
    "/v1/audit/verify?limit=2",
  ]);
});
