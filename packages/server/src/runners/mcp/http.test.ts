import { expect, it, test, vi } from "vitest";
import { errorOf, outputOf } from "../attempt.fixture.ts";
import { createMasker } from "../masking/index.ts";
import { serveTools } from "./http-server.fixture.ts";
import { setUpMcp } from "./mcp.fixture.ts";

it.each(["json", "events"] as const)(
  "calls a tool at an address that answers with %s, in a session that it ends",
  async (as) => {
    const { asked, url, messages } = await serveTools(as);
    const { call } = setUpMcp();
    const server = {
      url,
      headers: { authorization: "Bearer ${{ secrets.token }}", "x-none": null },
    };
    const result = await call("echo", {
      server,
      input: { n: 1 },
      secrets: { token: "t" },
      trace: "00-1-2-01",
    });
    expect(outputOf(result)).toMatchObject({
      given: { n: 1 },
      meta: { "yardmaster/idempotency-key": "key-1", traceparent: "00-1-2-01" },
    });
    expect(messages().map(({ method }) => method)).toEqual([
      "initialize",
      "notifications/initialized",
      "tools/call",
    ]);
    const told = asked.map(({ method, headers }) => [
      method,
      headers["mcp-session-id"],
      headers["mcp-protocol-version"],
      headers["idempotency-key"],
    ]);
    expect(told).toEqual([
      ["POST", undefined, undefined, undefined],
      ["POST", "session-1", "2025-11-25", undefined],
      ["POST", "session-1", "2025-11-25", "key-1"],
      ["DELETE", "session-1", "2025-11-25", undefined],
    ]);
    expect(asked[0]?.headers).toMatchObject({
      accept: "application/json, text/event-stream",
      authorization: "Bearer t",
      traceparent: "00-1-2-01",
    });
    expect(asked[0]?.headers).not.toHaveProperty("x-none");
  },
);

it("hears what a server says and asks in its stream before it answers", async () => {
  const { url, messages } = await serveTools("events");
  const { call, textOf } = setUpMcp();
  expect(outputOf(await call("tell", { server: { url } }))).toBe("told");
  expect(textOf("stdout")).toBe("[mcp] info db: connected\n[mcp] 1 of 2: half\n");
  const asking = call("ask", { server: { url }, timeoutMs: 400 });
  await vi.waitFor(() =>
    expect(messages()).toContainEqual(
      expect.objectContaining({ id: "their-1", error: expect.objectContaining({ code: -32601 }) }),
    ),
  );
  expect((await asking).status).toBe("timed_out");
});

it("goes on with a stream that its server has ended before the answer", async () => {
  let call1: unknown;
  const { url, asked } = await serveTools("events", (message, response, request) => {
    if (message["method"] === "tools/call") {
      call1 = message["id"];
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("id: e1\nretry: 10\ndata:\n\n");
      return true;
    }
    if (request.method !== "GET") return false;
    response.writeHead(200, { "content-type": "text/event-stream" });
    const said = {
      jsonrpc: "2.0",
      id: call1,
      result: { content: [{ type: "text", text: "late" }] },
    };
    response.end(`id: e2\ndata: ${JSON.stringify(said)}\n\n`);
    return true;
  });
  expect(outputOf(await setUpMcp().call("echo", { server: { url } }))).toBe("late");
  expect(asked.find(({ method }) => method === "GET")?.headers["last-event-id"]).toBe("e1");
});

test("a server that wants to be asked again at once, each time with something new, is asked ten times a second at most", async () => {
  let events = 0;
  const { url, asked } = await serveTools("events", (message, response, request) => {
    if (message["method"] !== "tools/call" && request.method !== "GET") return false;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`id: e${events++}\nretry: 0\ndata:\n\n`);
    return true;
  });
  const result = await setUpMcp().call("echo", { server: { url }, timeoutMs: 1_000 });
  expect(result.status).toBe("timed_out");
  const again = asked.filter(({ method }) => method === "GET").length;
  expect(again).toBeGreaterThan(0);
  expect(again).toBeLessThanOrEqual(10);
});

test("a stream without ids that ends before the answer is told as that", async () => {
  const { url } = await serveTools("events", (message, response) => {
    if (message["method"] !== "tools/call") return false;
    response.writeHead(200, { "content-type": "text/event-stream" }).end(": ping\n\n");
    return true;
  });
  const error = errorOf(await setUpMcp().call("echo", { server: { url } }));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "ended" } });
  expect(error.message).toMatch(/^The MCP server http:\/\/127\.0\.0\.1:\d+ ended its stream/);
});

test("a server that is asked in vain says why, with the status by which the retry is decided", async () => {
  const { url } = await serveTools("json", (_, response) => {
    response.writeHead(401, { "retry-after": "3" }).end('{"error":"no token, or s3cret-4711"}');
    return true;
  });
  const { call } = setUpMcp();
  const headers = { authorization: "Bearer s3cret-4711" };
  const error = errorOf(await call("echo", { server: { url, headers } }));
  expect(error).toMatchObject({
    code: "http_status",
    details: { status: 401, retry_after_ms: 3000 },
  });
  expect(error.message).toMatch(
    /^The tool "echo" could not be called: POST http:\/\/127\.0\.0\.1:\d+ was answered 401 Unauthorized: \{"error":"no token, or \*\*\*"\}$/,
  );
});

test("an address inside is not asked unless an operator allows it", async () => {
  const { url, asked } = await serveTools();
  const { call } = setUpMcp({ http: {} });
  const error = errorOf(await call("echo", { server: { url } }));
  expect(error).toMatchObject({ code: "http_blocked" });
  expect(error.message).toContain("YARD_HTTP_ALLOW=127.0.0.1:");
  expect(asked).toEqual([]);
});

test("redirects are followed as long as they keep the message, and take no secret to another origin", async () => {
  const real = await serveTools();
  const status = { now: 307 };
  const moved = await serveTools("json", (_, response) => {
    response.writeHead(status.now, { location: real.url }).end();
    return true;
  });
  const { call } = setUpMcp();
  expect(outputOf(await call("text", { server: { url: moved.url }, input: { text: "a" } }))).toBe(
    "a",
  );
  const secret = errorOf(await call("echo", { server: { url: moved.url }, secrets: { t: "x" } }));
  expect(secret.message).toContain("leads to another origin, and the body may hold secrets");
  status.now = 302;
  const get = errorOf(await call("echo", { server: { url: moved.url } }));
  expect(get).toMatchObject({ code: "http_failed", details: { error: "redirect", status: 302 } });
  expect(get.message).toContain("it would make a GET of the message");
});

test("what does not speak the protocol is told as that", async () => {
  const answers: [string, string, RegExp][] = [
    ["text/html", "<p>hello</p>", /answered with text\/html, not with JSON or events/],
    ["application/json", "{]", /sent what cannot be read: not valid JSON/],
    ["application/json", '{"hello":1}', /no message of JSON-RPC 2\.0/],
    [
      "application/json",
      '{"jsonrpc":"2.0","id":99,"result":{}}',
      /something else than it was asked/,
    ],
    ["text/event-stream", "data: {]\n\n", /sent what cannot be read/],
  ];
  const { call } = setUpMcp();
  for (const [type, body, told] of answers) {
    const { url } = await serveTools("json", (_, response) => {
      response.writeHead(200, { "content-type": type }).end(body);
      return true;
    });
    const error = errorOf(await call("echo", { server: { url } }));
    expect(error).toMatchObject({ code: "mcp_failed", details: { error: "protocol" } });
    expect(error.message).toMatch(told);
  }
});

it.each(["application/json", "text/event-stream"])(
  "reads no more of an answer in %s than may be",
  async (type) => {
    const { url } = await serveTools("json", (message, response) => {
      if (message["method"] !== "tools/call") return false;
      response.writeHead(200, { "content-type": type });
      response.write(type === "application/json" ? '"' : "data: ");
      const go = (): void => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", go);
      };
      go();
      return true;
    });
    const error = errorOf(
      await setUpMcp({ resultLimitBytes: 100_000 }).call("echo", { server: { url } }),
    );
    expect(error.code).toBe("limit_exceeded");
    expect(error.message).toContain("sent a message of more than 390.6 KiB");
  },
);

it.each(["cancel", "timeout"] as const)(
  "tells a server of a %s, and ends the session",
  async (how) => {
    const { url, messages, asked } = await serveTools(
      "json",
      (message) => message["method"] === "tools/call",
    );
    const { call, abort } = setUpMcp();
    const running = call("echo", { server: { url }, timeoutMs: how === "timeout" ? 300 : 20_000 });
    await vi.waitFor(() => expect(messages()).toHaveLength(3));
    if (how === "cancel") abort.abort("cancel");
    const result = await running;
    expect(result.status).toBe(how === "cancel" ? "canceled" : "timed_out");
    const id = messages().find(({ method }) => method === "tools/call")?.id;
    expect(messages().at(-1)).toMatchObject({
      method: "notifications/cancelled",
      params: { requestId: id },
    });
    expect(asked.at(-1)?.method).toBe("DELETE");
  },
);

test("a server that does not even introduce itself in time is told as that", async () => {
  const { url, messages } = await serveTools("json", () => true);
  const error = errorOf(await setUpMcp().call("echo", { server: { url }, timeoutMs: 300 }));
  expect(error.message).toMatch(/did not introduce itself within 0\.3 s/);
  expect(messages()).toHaveLength(1);
});

test("a secret is masked in what a server sends back in an error", async () => {
  const { url } = await serveTools("json", (_, response) => {
    response.writeHead(500).end(`${"x".repeat(1_020)}s3cret-4711`);
    return true;
  });
  const token = "s3cret-4711";
  const given = { server: { url }, secrets: { token }, masker: createMasker([token]) };
  const error = errorOf(await setUpMcp().call("echo", given));
  expect(error.message).not.toContain("s3c");
});

test("a refusal of something that was never asked is no answer, and is not waited behind", async () => {
  const { url } = await serveTools("json", (message, response) => {
    if (message["method"] !== "tools/call") return false;
    const error = { code: -32_600, message: "not you" };
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 99, error }));
    return true;
  });
  const error = errorOf(await setUpMcp().call("echo", { server: { url } }));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "protocol" } });
  expect(error.message).toContain("answered something else than it was asked");
});

test("by an id that no header takes, a stream is not asked for again", async () => {
  const { url } = await serveTools("events", (message, response) => {
    if (message["method"] !== "tools/call") return false;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end("id: \u0001é\nretry: 10\ndata:\n\n");
    return true;
  });
  const error = errorOf(await setUpMcp().call("echo", { server: { url } }));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "ended" } });
});
