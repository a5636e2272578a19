import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import type { TestConsole } from "../testing/test-console.ts";
import { startWireServer, type WireRequest, wireProblem } from "../testing/wire-server.ts";

const rpc = (id: number, method: string, params: object = {}) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
const NOTE = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/other" })}\n`;

/** Answers each request by its method, as `/mcp` does. */
function answer({ body }: WireRequest, response: ServerResponse) {
  const { id, method } = body as { id?: number; method: string };
  if (id === undefined) {
    response.writeHead(202).end();
    return undefined;
  }
  if (method === "initialize") response.setHeader("mcp-session-id", "s1");
  if (method !== "streamed")
    return { json: { jsonrpc: "2.0", id, result: { method, protocolVersion: "2025-11-25" } } };
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(': alive\n\nevent: message\ndata: {"jsonrpc":"2.0","method":"progress"}\n\n');
  response.end(`data: {"jsonrpc":"2.0",\ndata: "id":${id},"result":{}}\n\n`);
  return undefined;
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("passes on what a client says and what the server answers, a line each", async () => {
  const { env, requests } = await startWireServer({ "POST /mcp": answer });
  const stdin = rpc(1, "initialize") + NOTE + rpc(2, "streamed");
  const { stdout, stderr, exitCode } = await callYard(["mcp"], { env, stdin });
  expect(linesOf(stdout).toSorted((a, b) => (a.id ?? 1.5) - (b.id ?? 1.5))).toMatchObject([
    { id: 1, result: { method: "initialize" } },
    { method: "progress" },
    { id: 2, result: {} },
  ]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(requests[0]?.headers).toMatchObject({
    authorization: `Bearer ${env["YARD_TOKEN"]}`,
    accept: "application/json, text/event-stream",
  });
});

/** A client that says the next thing when it is answered, and ends when it has said all. */
async function talk(env: Record<string, string>, said: readonly string[]) {
  let talking: TestConsole | undefined;
  const left = [...said];
  const next = (): void => {
    const text = left.shift();
    if (text === undefined) talking?.end();
    else talking?.type(text);
  };
  return callYard(["mcp"], {
    env,
    onConsole: (console) => {
      talking = console;
      next();
    },
    onStdout: next,
  });
}

test("says in each request which revision and which session were settled", async () => {
  const { env, requests } = await startWireServer({ "POST /mcp": answer });
  await talk(env, [rpc(1, "initialize"), rpc(2, "tools/list")]);
  expect(requests[0]?.headers).not.toHaveProperty("mcp-protocol-version");
  expect(requests[1]?.headers).toMatchObject({
    "mcp-protocol-version": "2025-11-25",
    "mcp-session-id": "s1",
  });
});

test("hands on the trace of the step whose program it is started by", async () => {
  const { env, requests } = await startWireServer({ "POST /mcp": answer });
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const step = { TRACEPARENT: traceparent, TRACESTATE: "yard=run.1" };
  await callYard(["mcp"], { env: { ...env, ...step }, stdin: rpc(1, "tools/list") });
  expect(requests[0]?.headers).toMatchObject({ traceparent, tracestate: "yard=run.1" });
});

test("says in headers what messages of the revision of 2026-07-28 say of themselves", async () => {
  const { env, requests } = await startWireServer({ "POST /mcp": answer });
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  await talk(env, [rpc(1, "tools/call", { name: "größe", _meta })]);
  expect(requests[0]?.headers).toMatchObject({
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": `=?base64?${Buffer.from("größe").toString("base64")}?=`,
  });
});

test("answers what the server refuses, and says on stderr what to do", async () => {
  const no = wireProblem(401, "unauthorized", "The token is not valid (any more)");
  const { env } = await startWireServer({ "POST /mcp": no });
  const { stdout, stderr, exitCode } = await callYard(["mcp"], {
    env,
    stdin: rpc(1, "tools/list"),
  });
  expect(linesOf(stdout)).toMatchObject([{ id: 1, error: { data: { code: "unauthorized" } } }]);
  expect(stderr).toContain("does not take the token in YARD_TOKEN");
  expect(exitCode).toBe(0);
});

test("passes on what the protocol refuses as it is", async () => {
  const error = { jsonrpc: "2.0", id: null, error: { code: -32_600, message: "no" } };
  const { env } = await startWireServer({ "POST /mcp": { status: 400, json: error } });
  const { stdout } = await callYard(["mcp"], { env, stdin: rpc(1, "tools/list") });
  expect(linesOf(stdout)).toEqual([error]);
});

test("refuses a line that is no JSON, and goes on", async () => {
  const { env } = await startWireServer({ "POST /mcp": answer });
  const { stdout } = await talk(env, ["hello\n", rpc(2, "ping")]);
  expect(linesOf(stdout)).toMatchObject([{ id: null, error: { code: -32_700 } }, { id: 2 }]);
});

test("waits for a server that is away, says so once, and goes on with it", async () => {
  let asked = 0;
  const away = wireProblem(503, "unavailable", "The server is stopping; try again");
  const { env } = await startWireServer({
    "POST /mcp": (request, response) => (++asked < 4 ? away : answer(request, response)),
  });
  const { stdout, stderr } = await callYard(["mcp"], { env, stdin: rpc(1, "tools/list") });
  expect(linesOf(stdout)).toMatchObject([{ id: 1, result: { method: "tools/list" } }]);
  expect(stderr).toBe(
    "yard mcp: The server is stopping; try again (waiting for it)\nyard mcp: the server is there again\n",
  );
});

test("asks again what a broken connection left open, under the same key", async () => {
  let asked = 0;
  const { env, requests } = await startWireServer({
    "POST /mcp": (request, response) => {
      if (++asked === 1) response.destroy();
      else if (asked === 2)
        response
          .writeHead(200, { "content-type": "text/event-stream" })
          .end('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n');
      else return answer(request, response);
      return undefined;
    },
  });
  const calls = rpc(1, "tools/call", { name: "start_run", arguments: {} });
  const { stdout } = await callYard(["mcp"], { env, stdin: calls });
  expect(linesOf(stdout)).toMatchObject([{ method: "notifications/progress" }, { id: 1 }]);
  const keys = requests.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test("asks no batch twice, which has no key", async () => {
  let asked = 0;
  const { env } = await startWireServer({
    "POST /mcp": (_, response) => {
      asked++;
      response.destroy();
      return undefined;
    },
  });
  const { stderr } = await callYard(["mcp"], { env, stdin: `[${rpc(1, "tools/call").trim()}]\n` });
  expect(stderr).toContain("may have been done");
  expect(asked).toBe(1);
});

test("answers no call that its client has cancelled, and tells the server", async () => {
  const { env, requests } = await startWireServer({
    "POST /mcp": (request, response) => {
      const { method } = request.body as { method: string };
      return method === "hangs" ? undefined : answer(request, response);
    },
  });
  const cancel = { method: "notifications/cancelled", params: { requestId: 1 } };
  const stdin = `${rpc(1, "hangs")}${JSON.stringify({ jsonrpc: "2.0", ...cancel })}\n`;
  const { stdout } = await callYard(["mcp"], { env, stdin });
  expect(stdout).toBe("");
  expect(requests.map(({ body }) => body)).toContainEqual(expect.objectContaining(cancel));
});

test("says where it has looked when there is no server", async () => {
  const env = { YARD_URL: "http://127.0.0.1:9", YARD_TOKEN: "t" };
  const { stdout, stderr } = await callYard(["mcp"], { env, stdin: rpc(1, "tools/list") });
  expect(linesOf(stdout)).toMatchObject([{ id: 1, error: { data: { code: "unavailable" } } }]);
  expect(stderr).toContain("The server at http://127.0.0.1:9 cannot be reached");
});
