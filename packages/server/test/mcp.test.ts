import type { Client } from "@modelcontextprotocol/client";
import type { Scope } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectMcp, dataOf, type McpApi, type Revision, startMcpApi, textOf } from "./mcp.ts";

const PACK = {
  "actions/add.yaml": `action: lab.add
description: Adds two numbers, and gives their sum.
as_tool: true
runner: process
input: { a: integer!, b: integer! }
script: |
  cat > /dev/null; echo 5
stdout: json
`,
  "workflows/nap.yaml": `workflow: lab.nap
description: Does nothing for a while.
input: { duration: { type: duration, default: 1h } }
steps:
  - { id: nap, uses: core.sleep, with: { duration: "\${{ input.duration }}" } }
`,
  "workflows/ask.yaml": `workflow: lab.ask
description: Asks a person.
steps:
  - { id: sure, uses: core.ask, with: { prompt: "Sure?", schema: { ok: boolean! } } }
output: { ok: "\${{ steps.sure.output.ok }}" }
`,
  "workflows/huge.yaml": `workflow: lab.huge
description: Gives more than anybody reads.
steps:
  - { id: big, uses: lab.big }
output: "\${{ steps.big.output }}"
`,
  "actions/big.yaml": `action: lab.big
description: Prints half a megabyte.
runner: process
script: "cat > /dev/null; head -c 500000 /dev/zero | tr '\\\\0' x"
stdout: text
`,
};

let api: McpApi;
beforeAll(async () => {
  api = await startMcpApi(PACK);
});
afterAll(() => api?.close());

async function connected(token = api.admin, revision?: Revision): Promise<Client> {
  const client = await connectMcp(api.url, token, revision);
  onTestFinished(() => client.close());
  return client;
}

const call = (client: Client, name: string, args: Record<string, unknown> = {}) =>
  client.callTool({ name, arguments: args });

describe.each(["2025-11-25", "2026-07-28"] as const)("/mcp in the revision of %s", (revision) => {
  it("introduces itself and lists its tools with their schemas", async () => {
    const client = await connected(api.admin, revision);
    expect(client.getServerVersion()).toMatchObject({ name: "yardmaster" });
    expect(client.getInstructions()).toContain("start_run");
    const { tools } = await client.listTools();
    const start = tools.find(({ name }) => name === "start_run");
    expect(start?.inputSchema).toMatchObject({ type: "object", required: ["ref"] });
    expect(start?.outputSchema).toHaveProperty("properties.status");
    expect(start?.annotations).toMatchObject({ readOnlyHint: false, openWorldHint: true });
  });

  it("starts a run, waits for it and gives its output as data and in words", async () => {
    const client = await connected(api.admin, revision);
    const result = await call(client, "start_run", { ref: "core.echo", input: { n: 7 } });
    expect(result.structuredContent).toMatchObject({
      status: "success",
      output: { n: 7 },
      created_by: "token:admin via mcp",
    });
    expect(textOf(result)).toContain("status: success");
    expect(textOf(result)).toContain("output:\n  n: 7");
  });

  it("tells how far it is while it waits", async () => {
    const client = await connected(api.admin, revision);
    const told: { progress: number; total?: number | undefined; message?: string | undefined }[] =
      [];
    const result = await client.callTool(
      {
        name: "start_run",
        arguments: { ref: "lab.nap", input: {}, wait_seconds: 3, idempotency_key: null },
      },
      { onprogress: (progress) => told.push(progress) },
    );
    expect(result.structuredContent).toMatchObject({ status: "waiting" });
    expect(textOf(result)).toContain("Next: it goes on by itself; get_run");
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toMatchObject({ total: 3, message: expect.stringContaining("a timer") });
  });
});

describe("tools", () => {
  it("are those that the scopes of the token allow", async () => {
    const namesOf = async (name: string, scopes: Scope[]): Promise<string[]> => {
      const { token } = await api.token(name, scopes);
      const { tools } = await (await connected(token)).listTools();
      return tools.map((tool) => tool.name);
    };
    expect(await namesOf("reads-tasks", ["tasks:read"])).toEqual([
      ...["explain", "list_tasks", "get_task", "preview_schedule"],
    ]);
    expect(await namesOf("starts", ["runs:write"])).toEqual([
      ...["start_run", "cancel_run", "retry_run", "lab__add"],
    ]);
    expect(await namesOf("sees-metrics", ["metrics:read"])).toEqual([]);
  });

  it("that the token does not allow say which scope is missing, and do nothing", async () => {
    const { token } = await api.token("reads-runs", ["runs:read"]);
    const client = await connected(token);
    const result = await call(client, "start_run", { ref: "core.echo" });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("needs a token with the scope runs:write");
  });

  it("give a token that may only start runs the end of its own", async () => {
    const { token } = await api.token("only-starts", ["runs:write"]);
    const result = await call(await connected(token), "start_run", {
      ref: "core.echo",
      input: { n: 1 },
    });
    expect(result.structuredContent).toMatchObject({ status: "success", output: { n: 1 } });
  });

  it("name the argument that is wrong, what was expected, and the way out", async () => {
    const client = await connected();
    const result = await call(client, "lab__add", { a: 1, b: "two" });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("/b ");
    expect(result._meta?.["yardmaster/problem"]).toMatchObject({
      code: "invalid_input",
      errors: [{ path: "/b" }],
    });
    expect(textOf(await call(client, "start_run", { ref: "core.ecko" }))).toMatch(
      /unknown_ref.*core\.echo/,
    );
    expect(textOf(await call(client, "list_runs", { statuss: "failed" }))).toContain(
      "did you mean status?",
    );
    expect(textOf(await call(client, "get_run", { id: "7", wait_seconds: 99 }))).toContain(
      "0 to 50",
    );
    expect(textOf(await call(client, "get_task"))).toContain("The argument id is needed");
  });

  it.each([
    ["wait_seconds", { ref: "core.noop", wait_seconds: 51 }],
    ["waits", { ref: "core.noop", waits: 1 }],
  ])("of our own tell what is wrong with %s as a result", async (name, args) => {
    const result = await call(await connected(), "start_run", args);
    expect(result.isError).toBe(true);
    expect(result._meta?.["yardmaster/problem"]).toMatchObject({
      code: "invalid_request",
      errors: [{ path: `/${name}` }],
    });
  });

  it.each([
    ["get_run", "id", "."],
    ["get_run", "id", undefined],
    ["get_task", "id", ".."],
    ["get_workflow", "ref", "."],
    ["explain", "id", ".."],
  ])("%s asks for nothing else where %s is %s", async (tool, name, value) => {
    const result = await call(await connected(), tool, { [name]: value });
    expect(result.isError).toBe(true);
    expect(result._meta?.["yardmaster/problem"]).toMatchObject({
      code: "invalid_request",
      errors: [{ path: `/${name}` }],
    });
  });

  it("publish an event once under one key, a number too", async () => {
    const client = await connected();
    const publish = (): ReturnType<typeof call> =>
      call(client, "publish_event", { type: "lab.counted", idempotency_key: 12345 });
    expect(dataOf(await publish()).id).toBe(dataOf(await publish()).id);
  });

  it("of a name that there is not are refused, with the likely one", async () => {
    const client = await connected();
    await expect(call(client, "start_rnu")).rejects.toThrow("Did you mean start_run?");
  });

  it("start the same run once under one key", async () => {
    const client = await connected();
    const args = { ref: "core.echo", input: { n: 2 }, idempotency_key: "once" };
    const [first, second] = await Promise.all([
      call(client, "start_run", args),
      call(client, "start_run", args),
    ]);
    expect(dataOf(first).id).toBe(dataOf(second).id);
    const other = await call(client, "start_run", { ...args, input: { n: 3 } });
    expect(textOf(other)).toContain("idempotency_mismatch");
  });

  it("are called many at a time, each with an answer of its own", async () => {
    const client = await connected();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        call(client, "start_run", { ref: "core.echo", input: { n } }),
      ),
    );
    expect(results.map((result) => dataOf(result).output)).toEqual(
      Array.from({ length: 20 }, (_, n) => ({ n })),
    );
  });

  it("cut what is too large, and say where the whole of it is", async () => {
    const client = await connected();
    const result = await call(client, "start_run", { ref: "lab.huge", input: {} });
    expect(dataOf(result).status).toBe("success");
    expect(JSON.stringify(result).length).toBeLessThan(100_000);
    expect(textOf(result)).toMatch(/500000 characters left out.*GET \/v1\/runs\//);
    expect(dataOf(result).cut).toEqual([expect.stringContaining("output: ")]);
  });

  it("list by pages, 20 at a time, each of the next beginning where the last has ended", async () => {
    const client = await connected();
    for (let n = 0; n < 21; n++) await call(client, "start_run", { ref: "core.set", input: { n } });
    const first = (await call(client, "list_runs", { ref: "core.set" })).structuredContent as Page;
    expect(first.items).toHaveLength(20);
    expect(first.items[0]).not.toHaveProperty("input");
    const second = (await call(client, "list_runs", { ref: "core.set", cursor: first.next_cursor }))
      .structuredContent as Page;
    expect(second.items).toHaveLength(1);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("wait no longer for a run that asks somebody, and take the answer", async () => {
    const client = await connected();
    const started = await call(client, "start_run", {
      ref: "lab.ask",
      input: {},
      wait_seconds: 30,
    });
    expect(started.structuredContent).toMatchObject({ status: "waiting" });
    expect(textOf(started)).toContain("answer_inquiry");
    const run = dataOf(started).id;
    const asked = (await call(client, "list_inquiries", { run, status: "open" }))
      .structuredContent as Page;
    const id = asked.items[0]?.id;
    const wrong = await call(client, "answer_inquiry", { id, answer: { ok: "perhaps" } });
    expect(textOf(wrong)).toContain("ok");
    await call(client, "answer_inquiry", { id, answer: { ok: true } });
    const ended = await call(client, "get_run", { id: run, wait_seconds: 30 });
    expect(ended.structuredContent).toMatchObject({ status: "success", output: { ok: true } });
    const explained = await call(client, "explain", { id });
    expect(explained.structuredContent).toMatchObject({ kind: "inquiry" });
  });
});

describe("/mcp", () => {
  const HEADERS = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  async function post(body: string | object, headers: Record<string, string> = {}) {
    const response = await fetch(`${api.url}/mcp`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.admin}`, ...HEADERS, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    return { response, text, body: type.includes("json") ? JSON.parse(text) : undefined };
  }
  const rpc = (id: number, method: string, params: object = {}) => ({
    ...{ jsonrpc: "2.0", id, method, params },
  });

  it("asks for a token, and says so to clients", async () => {
    for (const authorization of ["", "Bearer not-one"]) {
      const { response, body } = await post(rpc(1, "tools/list"), { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
      expect(body.code).toBe("unauthorized");
    }
  });

  it("answers a token no more that was revoked in the middle of a session", async () => {
    const { id, token } = await api.token("for-a-while", ["runs:write"]);
    const client = await connected(token);
    const before = await call(client, "start_run", { ref: "core.echo", input: {} });
    expect(before.isError).toBeUndefined();
    await api.ask("DELETE", `/v1/tokens/${id}`);
    await expect(call(client, "start_run", { ref: "core.echo", input: {} })).rejects.toThrow();
  });

  it("answers in JSON, and in a stream only where progress is asked for", async () => {
    const plain = await post(rpc(1, "tools/call", { name: "list_queues", arguments: {} }));
    expect(plain.response.headers.get("content-type")).toContain("application/json");
    const params = { name: "list_queues", arguments: {}, _meta: { progressToken: 1 } };
    const told = await post(rpc(1, "tools/call", params));
    expect(told.response.headers.get("content-type")).toContain("text/event-stream");
  });

  it("hands the trace of the call on to what it starts", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const started = rpc(1, "tools/call", { name: "lab__add", arguments: { a: 1, b: 4 } });
    const { body } = await post(started, { traceparent });
    expect(dataOf(body.result).traceparent).toBe(traceparent);
    const event = rpc(2, "tools/call", { name: "publish_event", arguments: { type: "t.traced" } });
    const published = await post(event, { traceparent, tracestate: "yard=run.1" });
    const { body: shown } = await api.ask("GET", `/v1/events/${dataOf(published.body.result).id}`);
    expect(shown.delivery.headers).toMatchObject({ traceparent, tracestate: "yard=run.1" });
  });

  it("starts a run once for calls under one Idempotency-Key, whatever tool starts it", async () => {
    const key = { "idempotency-key": "a-call" };
    const args = { name: "lab__add", arguments: { a: 2, b: 3 } };
    const first = await post(rpc(1, "tools/call", args), key);
    const second = await post(rpc(2, "tools/call", args), key);
    expect(dataOf(first.body.result).output).toBe(5);
    expect(dataOf(second.body.result).id).toBe(dataOf(first.body.result).id);
  });

  it.each([
    ["no JSON", "{", 400, -32_700],
    ["what cannot be stored", '{"a":1,"a":2}', 400, -32_700],
    ["nothing", "", 400, -32_700],
    ["no message", '{"hello":"world"}', 400, -32_600],
    ["null", "null", 400, -32_600],
    ["a method that there is not", JSON.stringify(rpc(1, "tools/liszt")), 200, -32_601],
    ["params that are none", '{"jsonrpc":"2.0","id":1,"method":"tools/call"}', 200, -32_602],
  ])("refuses %s, and says what it is", async (_, sent, status, code) => {
    const { response, body } = await post(sent);
    expect(response.status).toBe(status);
    expect(body.error.code).toBe(code);
    expect(body.error.message.length).toBeGreaterThan(5);
  });

  it("takes batches, which the revision of 2025-03-26 has", async () => {
    const version = { "mcp-protocol-version": "2025-03-26" };
    const { body } = await post([rpc(1, "ping"), rpc(2, "tools/list")], version);
    expect(body.map(({ id }: { id: number }) => id).toSorted()).toEqual([1, 2]);
    const note = await post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect(note.response.status).toBe(202);
  });

  it("refuses a revision that it does not speak, and names those that it does", async () => {
    const { response, text } = await post(rpc(1, "tools/list"), {
      "mcp-protocol-version": "1999-01-01",
    });
    expect(response.status).toBe(400);
    expect(text).toContain("2025-11-25");
  });

  it("refuses the pages of others, and those whose name leads here", async () => {
    for (const origin of ["https://evil.test", "null", "http://localhost:1"]) {
      const { response, body } = await post(rpc(1, "ping"), { origin });
      expect(response.status).toBe(403);
      expect(body.errors[0].path).toBe("Origin");
    }
    expect((await post(rpc(1, "ping"), { origin: api.url })).response.status).toBe(200);
  });

  it("ends the waiting of a call that is cancelled, and not the run", async () => {
    const client = await connected();
    const canceling = new AbortController();
    const waiting = client.callTool(
      { name: "start_run", arguments: { ref: "lab.nap", input: {}, wait_seconds: 50 } },
      { signal: canceling.signal, onprogress: () => canceling.abort(new Error("enough")) },
    );
    await expect(waiting).rejects.toThrow("enough");
    const { items } = dataOf(await call(client, "list_runs", { ref: "lab.nap" }));
    expect(items[0].status).toBe("waiting");
  });

  it("ends a wait where its cancellation comes by another request of the same session alone", async () => {
    const startedMs = performance.now();
    const session = { "mcp-session-id": "a" };
    const args = { ref: "lab.nap", input: {}, wait_seconds: 50 };
    const params = { name: "start_run", arguments: args, _meta: { progressToken: 1 } };
    const response = await fetch(`${api.url}/mcp`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.admin}`, ...HEADERS, ...session },
      body: JSON.stringify(rpc(7, "tools/call", params)),
    });
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    // It waits once it tells how far it is.
    let told = decoder.decode((await reader?.read())?.value);
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } };
    await post(cancel, { "mcp-session-id": "b" });
    await post(cancel, session);
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read())
      told += decoder.decode(read.value);
    expect(told).toContain('"structuredContent"');
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  it.each(["2025-11-25", "2026-07-28"] as const)(
    "tells clients of %s of tools that a pack brings, and lists them at once",
    async (revision) => {
      const name = `lab__new_${revision.slice(0, 4)}`;
      const heard = new Promise<string[]>((resolve, reject) => {
        const onChanged = (error: Error | null, tools: { name: string }[] | null): void => {
          if (error !== null) reject(error);
          else if (tools?.some((tool) => tool.name === name)) resolve(tools.map((one) => one.name));
        };
        void connectMcp(api.url, api.admin, revision, { tools: { onChanged } }).then(
          async (client) => {
            onTestFinished(() => client.close());
            await client.listTools();
            const ref = name.replace("__", ".");
            const text = `action: ${ref}\ndescription: New.\nas_tool: true\nrunner: process\nscript: x\n`;
            await api.define(`actions/${name}.yaml`, text);
          },
          reject,
        );
      });
      expect(await heard).toContain(name);
    },
  );

  it("goes on with its clients after a restart of the server, and with their runs", async () => {
    const client = await connected();
    const started = await call(client, "start_run", {
      ref: "lab.nap",
      input: { duration: "2s" },
      wait_seconds: 0,
    });
    await api.restart();
    const ended = await call(client, "get_run", { id: dataOf(started).id, wait_seconds: 50 });
    expect(dataOf(ended)).toMatchObject({ status: "success" });
  });

  it("answers a call that waits when the server stops, with the run that goes on", async () => {
    const client = await connected();
    let restarting: Promise<void> | undefined;
    const result = await client.callTool(
      { name: "start_run", arguments: { ref: "lab.nap", input: {}, wait_seconds: 50 } },
      {
        onprogress: () => {
          restarting ??= api.restart();
        },
      },
    );
    await restarting;
    expect(dataOf(result)).toMatchObject({ status: "waiting", ref: "lab.nap" });
  });

  it("breaks nothing of the server by all that", () => {
    expect(api.failures).toEqual([]);
  });
});

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly next_cursor: string | null;
}
