import { mcpRequestOf } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

function action(text: string) {
  const pack = good({ "actions/a.yaml": `action: p.a\nrunner: mcp\n${text}` });
  const found = pack.actions.get("p.a");
  if (found?.runner.kind !== "mcp") throw new Error("no tool");
  return { ...found, runner: found.runner };
}

function wrong(text: string): string[] {
  return problemsOf({ "actions/a.yaml": `action: p.a\nrunner: mcp\n${text}` });
}

test("a tool is of a server that is started, or of one at an address", () => {
  const started = action("server: { command: [npx, -y, some-server], cwd: work }\ntool: find\n");
  expect(started.runner).toMatchObject({
    tool: "find",
    command: ["npx", "-y", "some-server"],
    cwd: "work",
  });
  expect(started.timeoutMs).toBe(300_000);
  const there = action("server: { url: https://tools.example.test/mcp }\ntool: find\n");
  expect(there.runner).not.toHaveProperty("command");
});

test("what the server and the tool are given is made of the input and the secrets", () => {
  const { runner, secrets } = action(
    'server:\n  url: "${{ input.base }}/mcp"\n  headers: { authorization: "Bearer ${{ secrets.token }}" }\ntool: find\narguments: { query: "${{ input.q }}", limit: 3 }\nsecrets: [token]\ninput: { base: string!, q: string! }\n',
  );
  expect(secrets).toEqual(["token"]);
  const input = { base: "https://a.test", q: "x" };
  expect(mcpRequestOf(runner, input, { token: "t" })).toEqual({
    ok: true,
    server: { url: "https://a.test/mcp", headers: { authorization: "Bearer t" } },
    arguments: { query: "x", limit: 3 },
  });
  const keyed = action(
    'server: { command: [s] }\ntool: pay\ninput: { bill: string! }\nidempotency_key: "pay-${{ input.bill }}"\n',
  );
  expect(keyed.idempotencyKey).toBeDefined();
  const plain = action("server: { command: [s] }\ntool: find\ninput: { q: string! }\n");
  expect(mcpRequestOf(plain.runner, { q: "x" })).toEqual({
    ok: true,
    server: {},
    arguments: { q: "x" },
  });
});

test("a text of the tool is read as JSON where the output is a value", () => {
  const start = "server: { command: [s] }\ntool: t\n";
  expect(action(`${start}output: { n: integer! }\n`).runner.readsJson).toBe(true);
  expect(action(`${start}output_schema: { type: array }\n`).runner.readsJson).toBe(true);
  expect(action(`${start}output_schema: { type: string }\n`).runner).not.toHaveProperty(
    "readsJson",
  );
  expect(action(start).runner).not.toHaveProperty("readsJson");
});

test("what is wrong is told at its place, with the way out", () => {
  expect(wrong("tool: t\n")).toEqual([
    'actions/a.yaml:1:1: an mcp action needs "server" (write server: { command: [npx, -y, SERVER] }, or server: { url: https://HOST/mcp })',
  ]);
  expect(wrong("server: npx some-server\ntool: t\n")).toEqual([
    "actions/a.yaml:3:9: server must be a map, not text (write server: { command: [npx, -y, SERVER] }, or server: { url: https://HOST/mcp })",
  ]);
  expect(wrong("server: { command: npx -y some-server }\ntool: t\n")).toEqual([
    'actions/a.yaml:3:20: command must be a list of texts, not a shell line (write command: ["npx", "-y", "some-server"])',
  ]);
  expect(wrong("server: { command: [npx], args: [-y] }\ntool: t\n")).toEqual([
    'actions/a.yaml:3:27: "args" is not known in server (write them behind the program: `command: [npx, -y, SERVER]`)',
  ]);
  expect(wrong("server: { comand: [npx] }\n")).toEqual([
    'actions/a.yaml:1:1: an action needs "tool" (the name under which its server lists it)',
    'actions/a.yaml:3:11: "comand" is not known in server (did you mean "command"?)',
  ]);
  expect(wrong("server: {}\ntool: t\n")[0]).toMatch(/3:9: server needs "command" or "url"/);
});

test("each kind of server has its own keys", () => {
  expect(
    wrong("server: { command: [s], url: https://a.test, headers: { a: b } }\ntool: t\n")[0],
  ).toMatch(/give command or url, not both/);
  expect(wrong("server: { command: [s], headers: { a: b } }\ntool: t\n")).toEqual([
    "actions/a.yaml:3:25: headers are for a server with url",
  ]);
  expect(wrong("server: { url: https://a.test, env: { A: b }, cwd: work }\ntool: t\n")).toEqual([
    "actions/a.yaml:3:32: env is for a server with command",
    "actions/a.yaml:3:47: cwd is for a server with command",
  ]);
});

test("a command and the name of a tool take no expressions, and what runs on a worker goes to no node", () => {
  const found = wrong(
    'server: { command: [s, "${{ input.a }}"] }\ntool: "${{ input.a }}"\non: { labels: [gpu] }\ninput: { a: string! }\n',
  );
  expect(found).toEqual([
    "actions/a.yaml:3:25: command takes no expressions (values of a run belong into env, headers or arguments)",
    "actions/a.yaml:4:8: tool takes no expressions (an action is for one tool: write another)",
    "actions/a.yaml:5:1: this action is not carried out on a node (MCP servers are asked by a worker; nodes carry out actions with runner: process or agent)",
  ]);
});

test("names and addresses that cannot be are refused as the pack is loaded", () => {
  expect(
    wrong(
      "server: { url: 'https://a b/', headers: { Host: x, Mcp-Session-Id: y, 'a b': c } }\ntool: t\n",
    ),
  ).toEqual([
    "actions/a.yaml:3:16: url is no address (write https://host/path)",
    "actions/a.yaml:3:43: headers.Host is set by Yardmaster itself; leave it out",
    "actions/a.yaml:3:52: headers.Mcp-Session-Id is set by Yardmaster itself; leave it out",
    "actions/a.yaml:3:71: headers.a b is no header: its name holds a character that HTTP does not allow",
  ]);
  expect(wrong("server: { url: tools.example.test/mcp }\ntool: t\n")).toEqual([
    "actions/a.yaml:3:16: url must begin with http:// or https:// (give the whole address)",
  ]);
  expect(wrong("server: { command: [s], env: { YARD_RUN_ID: x } }\ntool: t\n")).toEqual([
    "actions/a.yaml:3:32: env.YARD_RUN_ID is set by Yardmaster itself (leave it out, or give it another name)",
  ]);
});

test("the arguments are a map, and an expression in them is checked", () => {
  expect(wrong("server: { command: [s] }\ntool: t\ninput_schema: { type: string }\n")).toEqual([
    "actions/a.yaml:5:1: the input is what the tool is given, which must be a map (write type: object into input_schema, or what the tool is given under arguments)",
  ]);
  expect(wrong("server: { command: [s] }\ntool: t\narguments: [1]\n")[0]).toMatch(
    /5:12: arguments/,
  );
  const unknown = wrong(
    'server: { command: [s], env: { A: "${{ input.b }}" } }\ntool: t\ninput: { a: string }\n',
  );
  expect(unknown[0]).toMatch(/^actions\/a\.yaml:3:46: input has no field b/);
  const none = wrong('server: { command: [s], env: { A: "${{ secrets.x }}" } }\ntool: t\n');
  expect(none[0]).toMatch(/actions\/a\.yaml:3:\d+: .*secrets/);
});
