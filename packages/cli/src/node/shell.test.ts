import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { CALL_ID, execRoute, type ScriptedCall } from "../testing/fake-node.ts";
import type { TestConsole } from "../testing/test-console.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";
import { createEscape } from "./call/escape.ts";

const EXEC = "POST /v1/nodes/lab-7/exec";
const ON_CALL = `/v1/nodes/lab-7/calls/${CALL_ID}`;
const TERMINAL = { terminal: { columns: 80, rows: 24 }, isTyped: true };

test("opens a login shell in this terminal, beside whatever else runs there", async () => {
  let call: ScriptedCall | undefined;
  const { env } = await startWireServer({
    [EXEC]: execRoute((given) => {
      call = given;
      call.end({ status: "error", exit_code: 3 });
    }),
  });
  const done = await callYard(["node", "shell", "lab-7", "--cwd", "/srv"], { env, ...TERMINAL });
  expect(done).toMatchObject({ exitCode: 3, stderr: "" });
  expect(call?.body).toMatchObject({
    command: expect.stringContaining("-l"),
    cwd: "/srv",
    shell: "fresh",
    session: expect.stringMatching(/^tty-[0-9a-f]{8}$/),
    stdin: "pty",
    timeout: "24h",
  });
});

test("is left by ~. at the beginning of a line, although the node does not answer", async () => {
  let terminal: TestConsole | undefined;
  const typed: string[] = [];
  const { env } = await startWireServer({
    [EXEC]: execRoute((call) => call.output("$ ", "pty")),
    [`POST ${ON_CALL}/input`]: ({ body }) => {
      typed.push(Buffer.from((body as { data_b64: string }).data_b64, "base64").toString());
      return { json: {} };
    },
    [`POST ${ON_CALL}/cancel`]: { json: { state: "abandoned" } },
  });
  const done = await callYard(["node", "shell", "lab-7"], {
    env,
    ...TERMINAL,
    onConsole: (given) => {
      terminal = given;
    },
    onStdout: () => terminal?.type("ls ~.\r~."),
  });
  expect(done.exitCode).toBe(130);
  expect(typed.join("")).toMatch(/^(ls ~\.\r)?$/);
  expect(terminal?.isRaw).toBe(false);
});

test("finds ~. among keys however they come, and passes on every other tilde", () => {
  const sent = (...pieces: readonly string[]) => {
    const find = createEscape();
    let text = "";
    for (const piece of pieces) {
      const { bytes, isLeft } = find(Buffer.from(piece));
      text += Buffer.from(bytes).toString();
      if (isLeft) return `${text}!`;
    }
    return text;
  };
  expect(sent("~.")).toBe("!");
  expect(sent("a\r", "~", ".", "b")).toBe("a\r!");
  expect(sent("a~.b")).toBe("a~.b");
  expect(sent("~", "a")).toBe("~a");
  expect(sent("~~.")).toBe("~.");
  expect(sent("~\r~.")).toBe("~\r!");
});

test.each([
  ["is refused", false],
  ["ends so", true],
])("goes on line by line where the node has no terminal: the call %s", async (_, asEnd) => {
  let terminal: TestConsole | undefined;
  const bodies: Record<string, unknown>[] = [];
  const error = { code: "unsupported", message: "no terminal" };
  const route = execRoute((call) => {
    bodies.push(call.body);
    if (call.body["stdin"] === "pty")
      return call.end({ status: "error", exit_code: -1, error } as never);
    call.output(`ran ${String(call.body["command"])}\n`);
    call.end({ status: "error", exit_code: 4, cwd: "/tmp" });
  });
  const { env } = await startWireServer({
    [EXEC]: (request, response) =>
      !asEnd && (request.body as { stdin?: string }).stdin === "pty"
        ? wireProblem(422, "unsupported", "no terminal")
        : route(request, response),
  });
  const done = await callYard(["node", "shell", "lab-7", "--cwd", "/srv"], {
    env,
    ...TERMINAL,
    onConsole: (given) => {
      terminal = given;
    },
    onStdout: (text) => {
      if (text !== "lab-7:$ ") return;
      terminal?.type("cd /tmp\n\nls");
      terminal?.type(" -l\n");
      terminal?.end();
    },
  });
  expect(done.exitCode).toBe(4);
  expect(done.stdout).toBe("lab-7:$ ran cd /tmp\nlab-7:/tmp$ lab-7:/tmp$ ran ls -l\nlab-7:/tmp$ ");
  expect(done.stderr).toContain("has no terminal to give");
  const lines = bodies.filter(({ stdin }) => stdin === undefined);
  expect(lines.map(({ command, cwd }) => [command, cwd])).toEqual([
    ["cd /tmp", "/srv"],
    ["ls -l", undefined],
  ]);
});

test("runs the lines of a pipe in one session, until exit, and stops one by Ctrl-C", async () => {
  const commands: unknown[] = [];
  let call: ScriptedCall | undefined;
  const { env } = await startWireServer({
    [EXEC]: execRoute((given) => {
      call = given;
      commands.push([call.body["command"], call.body["session"]]);
      call.output("x");
      if (call.body["command"] !== "sleep 9") call.end();
    }),
    [`POST ${ON_CALL}/cancel`]: () => {
      call?.end({ status: "canceled", exit_code: -1 });
      return { json: { state: "signaled" } };
    },
  });
  const done = await callYard(["node", "shell", "lab-7", "--session", "s"], {
    env,
    stdin: "true\r\nsleep 9\nexit 12\nfalse\n",
    onStdout: (_, interrupt) => interrupt(),
  });
  expect(done).toMatchObject({ exitCode: 12, stdout: "xx" });
  expect(commands).toEqual([
    ["true", "s"],
    ["sleep 9", "s"],
  ]);
});
