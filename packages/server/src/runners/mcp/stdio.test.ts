import { realpathSync } from "node:fs";
import { expect, it, test, vi } from "vitest";
import { inOwnTurn } from "../../json/own-turn.fixture.ts";
import { errorOf, isRunning, outputOf, untilGone } from "../attempt.fixture.ts";
import { createMasker } from "../masking/index.ts";
import { createStrays } from "../process/strays.ts";
import { setUpMcp } from "./mcp.fixture.ts";

const posix = process.platform !== "win32";

it("gives a tool the input, with the key by which a repeated call is known", async () => {
  const { call } = setUpMcp();
  const result = await call("echo", { input: { n: 1, list: ["a"] } });
  expect(result).toMatchObject({ status: "success", facts: { exitCode: 0 } });
  expect(outputOf(result)).toEqual({
    given: { n: 1, list: ["a"] },
    meta: { progressToken: 1, "yardmaster/idempotency-key": "key-1" },
  });
});

it("gives it the action's arguments instead, made of the input and the secrets", async () => {
  const { call } = setUpMcp();
  const args = { query: "in ${{ input.place }}", key: "${{ secrets.token }}" };
  const given = { input: { place: "here" }, secrets: { token: "t" }, arguments: args };
  expect(outputOf(await call("echo", given))).toMatchObject({
    given: { query: "in here", key: "t" },
  });
});

test("a server has variables of its action, and none of the worker's", async () => {
  const { call } = setUpMcp({ environment: { PATH: process.env["PATH"], WORKER_SECRET: "x" } });
  const server = { env: { TOKEN: "${{ secrets.token }}", PORT: 80, GONE: null } };
  const of = async (name: string) =>
    outputOf(await call("env", { server, input: { name }, secrets: { token: "tök en" } }));
  expect(await of("TOKEN")).toEqual({ value: "tök en" });
  expect(await of("PORT")).toEqual({ value: "80" });
  expect(await of("GONE")).toEqual({ value: null });
  expect(await of("WORKER_SECRET")).toEqual({ value: null });
});

test("a server runs in the folder of its pack, or in one of its own", async () => {
  const { call, pack, work } = setUpMcp();
  expect(outputOf(await call("cwd"))).toBe(realpathSync(pack));
  expect(outputOf(await call("cwd", { spec: { cwd: "work" } }))).toBe(realpathSync(work));
});

test("a text is the output as it is, and as a value where one is wanted", async () => {
  const { call } = setUpMcp();
  expect(outputOf(await call("text", { input: { text: ' {"a":1} ' } }))).toBe(' {"a":1} ');
  const spec = { readsJson: true } as const;
  expect(outputOf(await call("json", { input: { json: ' {"a":1} ' }, spec }))).toEqual({ a: 1 });
  const bad = errorOf(await call("json", { input: { json: "{]" }, spec }));
  expect(bad).toMatchObject({ code: "invalid_output", details: { line: 1, column: 2 } });
  expect(bad.message).toMatch(/The text that the tool "json" of the MCP server .* is not JSON/);
});

test("an answer that is nested too deep fails the call at once, and not when its time is over", async () => {
  const error = errorOf(await setUpMcp().call("deep", { timeoutMs: 600_000 }));
  expect(error).toMatchObject({ code: "limit_exceeded" });
  expect(error.message).toMatch(
    /^The MCP server .* cannot be taken .*nested more than 500 deep\.$/,
  );
});

test("several blocks are a list of them, each with its type", async () => {
  const { call } = setUpMcp();
  expect(outputOf(await call("blocks"))).toEqual([
    { type: "text", text: "a picture" },
    { type: "image", data: "aGk=", mimeType: "image/png" },
  ]);
});

test("a tool that says that it failed has failed, in its own words", async () => {
  const { call } = setUpMcp();
  const error = errorOf(await call("fail", { input: { text: "no issue 4711" } }));
  expect(error).toMatchObject({ code: "mcp_tool_failed", details: { tool: "fail" } });
  expect(error.message).toMatch(/^The tool "fail" of the MCP server .* has failed: no issue 4711$/);
  expect(errorOf(await call("fail", { input: { text: " " } })).message).toMatch(/without a word/);
});

test("what a server refuses is told, and arguments that it does not take are no matter of another try", async () => {
  const { call } = setUpMcp();
  const error = errorOf(await call("strict"));
  expect(error).toMatchObject({
    code: "mcp_failed",
    details: { error: "invalid_arguments", rpc_code: -32602 },
  });
  expect(error.message).toContain('"message":"Required"');
});

test("of a tool that is not there the error names the nearest, and those that are there, of all pages", async () => {
  const { call } = setUpMcp();
  const error = errorOf(await call("ecco"));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "unknown_tool" } });
  expect(error.message).toMatch(/has no tool "ecco"\. Did you mean "echo"\? It has echo, text, /);
  const isError = errorOf(await call("fail", { input: { text: 'the tool "fail" is broken' } }));
  expect(isError.code).toBe("mcp_tool_failed");
});

it("logs what the server says of its work, and its stderr", async () => {
  const { call, textOf } = setUpMcp();
  await call("tell");
  expect(textOf("stdout")).toBe("[mcp] info db: connected\n[mcp] 1 of 2: half\n");
  expect(textOf("stderr")).toBe('[mcp] error {"rows":3}\nstdin was closed\n');
});

it("declines what a server asks of it", async () => {
  const { call } = setUpMcp();
  expect(outputOf(await call("ask"))).toEqual({ code: -32601 });
});

test("lines that are no messages are logged and passed over, before the server speaks and in between", async () => {
  const { call, textOf } = setUpMcp();
  const result = await call("nonsense", { server: { env: { MCP_FIRST: "hello, I am a server" } } });
  expect(outputOf(result)).toBe("all the same");
  expect(textOf("stderr")).toContain(
    "[mcp] no message on stdout: hello, I am a server\n[mcp] no message on stdout: Listening…\n[mcp] no message on stdout: [1]\n",
  );
});

test("a server that dies before the answer is told with its last words", async () => {
  const { call } = setUpMcp();
  const error = errorOf(await call("die"));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "ended", exit_code: 3 } });
  expect(error.message).toMatch(
    /^The MCP server .* exited with code 3 before its tool "die" had answered: the database is gone$/,
  );
  const none = errorOf(await call("echo", { spec: { command: ["sh", "-c", "echo no >&2"] } }));
  expect(none.message).toMatch(/exited with code 0 .*: no$/);
  const mute = errorOf(await call("mute", { server: { env: { MCP_STAYS: "1" } } }));
  expect(mute.message).toMatch(/closed its stdout before its tool "mute" had answered/);
  const missing = errorOf(await call("echo", { spec: { command: ["no-such-server"] } }));
  expect(missing).toMatchObject({ code: "process_start", details: { file: "no-such-server" } });
});

test("a version of the protocol that is not spoken here is refused", async () => {
  const { call } = setUpMcp();
  const error = errorOf(await call("echo", { server: { env: { MCP_VERSION: "1999-01-01" } } }));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "protocol" } });
  expect(error.message).toContain('speaks version "1999-01-01" of the protocol');
});

test("a message that is too long ends the call, whether its line ends or not", async () => {
  const { call } = setUpMcp({ resultLimitBytes: 100_000 });
  const over = errorOf(await call("huge", { input: { bytes: 120_000 } }));
  expect(over.code).toBe("limit_exceeded");
  expect(over.message).toContain("at most 97.7 KiB (100000 bytes)");
  for (const tool of ["huge", "endless"]) {
    const error = errorOf(await call(tool, { input: { bytes: 500_000 } }));
    expect(error.code).toBe("limit_exceeded");
    expect(error.message).toContain("sent a message of more than 390.6 KiB");
  }
});

test("a large answer is read in a turn of its own", async () => {
  const { call } = setUpMcp();
  const result = await inOwnTurn(() => call("huge", { input: { bytes: 200_000 } }));
  expect(outputOf(result)).toHaveLength(200_000);
});

test("a tool that does not answer in time is told so, and its server that the answer is wanted no longer", async () => {
  const { call, textOf } = setUpMcp();
  const result = await call("silent", { timeoutMs: 1_500 });
  expect(result.status).toBe("timed_out");
  expect(errorOf(result).message).toMatch(
    /^The tool "silent" of the MCP server .* did not answer within 1\.5 s and was broken off\.$/,
  );
  expect(textOf("stderr")).toContain("cancelled: it took too long\nstdin was closed\n");
});

test("what is no server is told as that when its time is over", async () => {
  const { call } = setUpMcp();
  const command = ["sh", "-c", "echo hi; exec sleep 1000"];
  const error = errorOf(await call("echo", { timeoutMs: 300, spec: { command } }));
  expect(error.message).toMatch(
    /^The MCP server .* did not introduce itself within 0\.3 s and was broken off\. Is it an MCP server\? 1 line on its stdout was no message of the protocol\.$/,
  );
});

it.runIf(posix)("tells a server of a cancel, and leaves nothing of it", async () => {
  const { call, abort, logged, textOf } = setUpMcp();
  const running = call("silent", { server: { env: { MCP_STAYS: "1" } } });
  await logged("asked of ");
  abort.abort("cancel");
  const result = await running;
  expect(result.status).toBe("canceled");
  expect(textOf("stderr")).toContain("cancelled: its run was canceled\n");
  await untilGone(Number(/asked of (\d+)/.exec(textOf("stderr"))?.[1]));
});

it.runIf(posix)("kills a server at once where the lease is lost", async () => {
  const { call, abort, logged, textOf } = setUpMcp();
  const running = call("silent", { server: { env: { MCP_STAYS: "1" } } });
  await logged("asked of ");
  abort.abort("lease_lost");
  expect(await running).toMatchObject({ status: "canceled", facts: { signal: "SIGKILL" } });
  expect(textOf("stderr")).not.toContain("stdin was closed");
});

it.runIf(posix)("ends the grace of a cancel where the lease is lost as well", async () => {
  const { call, abort, logged } = setUpMcp({ graceMs: 60_000 });
  const atOnce = new AbortController();
  const server = { env: { MCP_STAYS: "bold" } };
  const running = call("silent", { server, atOnce: atOnce.signal });
  await logged("asked of ");
  abort.abort("cancel");
  await logged("was sent TERM");
  atOnce.abort();
  expect(await running).toMatchObject({ status: "canceled", facts: { signal: "SIGKILL" } });
});

it.runIf(posix)(
  "ends what a server that went by itself has left running, and tells it",
  async () => {
    const late: string[] = [];
    const { call } = setUpMcp({ strays: createStrays(10) });
    const onLateLog = ({ text }: { readonly text: string }): void => void late.push(text);
    const result = await call("pid", { spec: { readsJson: true }, onLateLog });
    expect(result.facts).toMatchObject({ exitCode: 0 });
    await untilGone((outputOf(result) as number[])[1] ?? 0);
    await vi.waitFor(() => expect(late.join()).toContain("[yard] 1 process that had left"));
  },
);

it.runIf(posix)(
  "ends a server that stays, and what it has started, once it has answered",
  async () => {
    const { call } = setUpMcp();
    const result = await call("pid", {
      server: { env: { MCP_STAYS: "1" } },
      spec: { readsJson: true },
    });
    const pids = outputOf(result) as number[];
    expect(pids).toHaveLength(2);
    expect(result.facts).toMatchObject({ signal: "SIGTERM", leftBehind: 1 });
    expect(pids.filter(isRunning)).toEqual([]);
  },
);

test("secrets are masked in what the server logs and prints", async () => {
  const { call, logs } = setUpMcp();
  const token = "s3cret-4711";
  const server = { env: { MCP_FIRST: `token ${token}` } };
  const given = { server, secrets: { token }, masker: createMasker([token]) };
  const fail = errorOf(
    await call("fail", { ...given, input: { text: `${"x".repeat(1_995)}${token}` } }),
  );
  expect(fail.message).not.toContain("s3c");
  expect(logs.map(({ text }) => text).join("")).toContain("token ***");
  expect(JSON.stringify(logs)).not.toContain(token);
});

test("of what a server says when it refuses, an error bears a part, and no half of a secret", async () => {
  const { call } = setUpMcp();
  const masker = createMasker(["s3cret-4711"]);
  const before = "x".repeat(1_997);
  const input = { text: `${before}s3cret-4711${before}` };
  const refused = errorOf(await call("refuse", { input, masker }));
  expect(refused.message).toContain(`its tool "refuse": ${before}*** …`);
});

test("of the names of a server's tools, an error bears a part", async () => {
  const { call } = setUpMcp();
  const server = { env: { MCP_TOOL: "n".repeat(5_000) } };
  const { message } = errorOf(await call("no such tool", { server }));
  expect(message).toContain(`${"n".repeat(100)} …`);
  expect(message.length).toBeLessThan(1_000);
});

test("a server that asks without end, and reads no answer, is not answered without end", async () => {
  const error = errorOf(await setUpMcp().call("asking"));
  expect(error).toMatchObject({ code: "mcp_failed", details: { error: "protocol" } });
  expect(error.message).toMatch(/asked for more than 1000 things within 60 s/);
});
