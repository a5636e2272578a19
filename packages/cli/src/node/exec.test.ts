import { expect, test, vi } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { CALL_ID, execRoute, type ScriptedCall } from "../testing/fake-node.ts";
import type { TestConsole } from "../testing/test-console.ts";
import { startWireServer, type WireRoute } from "../testing/wire-server.ts";

const EXEC = "POST /v1/nodes/lab-7/exec";
const ON_CALL = `/v1/nodes/lab-7/calls/${CALL_ID}`;
const BYTES = Uint8Array.from([0, 255, 13, 10, 0x1b, 200]);

const serve = (script: (call: ScriptedCall) => void, more: Record<string, WireRoute> = {}) =>
  startWireServer({ [EXEC]: execRoute(script), ...more });

test("passes both streams through byte for byte, and the exit code", async () => {
  const { env, requests } = await serve((call) => {
    call.output(BYTES);
    call.output("oops\n", "stderr");
    call.output("end");
    call.end({ status: "error", exit_code: 7 });
  });
  const options = [
    "--cwd",
    "/srv",
    "--env",
    "A=b=c",
    "--session",
    "s",
    "--fresh",
    "--timeout",
    "5s",
  ];
  const command = ["--wait", "1s", "--max-output", "100", "--", "ls", "-la", "--json"];
  const call = await callYard(["node", "exec", "lab-7", ...options, ...command], { env });
  expect(call.exitCode).toBe(7);
  expect(call.bytes).toEqual(Buffer.concat([BYTES, Buffer.from("end")]));
  expect(call.stderr).toBe("oops\n");
  expect(requests[0]?.body).toEqual({
    argv: ["ls", "-la", "--json"],
    cwd: "/srv",
    env: { A: "b=c" },
    session: "s",
    shell: "fresh",
    timeout: "5s",
    wait: "1s",
    max_output_bytes: 100,
  });
  expect(requests[0]?.headers.accept).toContain("application/x-ndjson");
});

test("shows output before the call has ended", async () => {
  let call: ScriptedCall | undefined;
  const { env } = await serve((given) => {
    call = given;
    call.output("first");
  });
  const { exitCode } = await callYard(["node", "exec", "lab-7", "-c", "make"], {
    env,
    onStdout: (text) => {
      expect(text).toBe("first");
      call?.end();
    },
  });
  expect(exitCode).toBe(0);
  expect(call?.body).toEqual({ command: "make" });
});

test.each([
  [{ status: "timeout", exit_code: -1 }, 124, "lab-7: it ran into its timeout"],
  [{ status: "canceled", exit_code: -1 }, 130, ""],
  [{ status: "error", exit_code: null, signal: "SIGKILL" }, 137, ""],
  [
    { status: "error", exit_code: -1, error: { code: "cwd_rejected", message: "no /x here" } },
    2,
    "lab-7: no /x here",
  ],
  [{ status: "ok", exit_code: 0, stdout_truncated: true }, 0, "stdout was longer than may be sent"],
  [
    { status: "timeout", exit_code: -1, flags: ["still_running"] },
    124,
    "the node did not say that",
  ],
  [{ status: "ok", exit_code: 0, flags: ["stderr_missing", "odd"] }, 0, "no stderr beside live"],
] as const)("ends as %j says: %d", async (end, exitCode, note) => {
  const { env } = await serve((call) => call.end(end as never));
  const call = await callYard(["node", "exec", "lab-7", "--", "x"], { env });
  expect(call).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(note) });
});

test("gives the whole result as one value with --json", async () => {
  const { env } = await serve((call) => {
    call.output(Buffer.from("ä").subarray(0, 1));
    call.output(Buffer.from("ä").subarray(1));
    call.output("e", "stderr");
    call.end({ status: "error", exit_code: 3 });
  });
  const call = await callYard(["node", "exec", "lab-7", "--json", "--", "x"], { env });
  expect(call).toMatchObject({ exitCode: 3, stderr: "" });
  const result = JSON.parse(call.stdout);
  expect(result).toMatchObject({ stdout: "ä", stderr: "e", exit_code: 3, request_id: CALL_ID });
  expect(result).not.toHaveProperty("type");
});

/** What was sent to stdin, and whether it was ended. */
function inputRoute(onEnd: () => void) {
  const pieces: Buffer[] = [];
  const sizes: number[] = [];
  const route: WireRoute = ({ body }) => {
    const { data_b64 = "", eof } = body as { data_b64?: string; eof?: boolean };
    const bytes = Buffer.from(data_b64, "base64");
    pieces.push(bytes);
    sizes.push(bytes.length);
    if (eof) onEnd();
    return { json: {} };
  };
  return { route, sizes, bytes: () => Buffer.concat(pieces) };
}

test("sends stdin where it is asked to, in order and in pieces that the API takes", async () => {
  const sent = Buffer.alloc(200_000, "0123456789");
  let call: ScriptedCall | undefined;
  const input = inputRoute(() => call?.end());
  const { env } = await serve(
    (given) => {
      call = given;
    },
    { [`POST ${ON_CALL}/input`]: input.route },
  );
  const { exitCode, stderr } = await callYard(["node", "exec", "lab-7", "-i", "--", "cat"], {
    env,
    stdin: sent.toString(),
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(call?.body["stdin"]).toBe("pipe");
  expect(input.bytes().equals(sent)).toBe(true);
  expect(Math.max(...input.sizes)).toBeLessThanOrEqual(65_536);
});

test("gives output that is no text exactly in --json, beside the text that it is not", async () => {
  const { env } = await serve((call) => {
    call.output(BYTES.subarray(0, 2));
    call.output(BYTES.subarray(2));
    call.output("ä", "stderr");
    call.end();
  });
  const call = await callYard(["node", "exec", "lab-7", "--json", "--", "x"], { env });
  const result = JSON.parse(call.stdout);
  expect(Buffer.from(result.stdout_b64, "base64")).toEqual(Buffer.from(BYTES));
  expect(result).toMatchObject({ stdout: Buffer.from(BYTES).toString(), stderr: "ä" });
  expect(result).not.toHaveProperty("stderr_b64");
});

test("leaves stdin alone where nobody asked, and does not mind a command that wants no more of it", async () => {
  const silent = await serve((call) => call.end());
  await callYard(["node", "exec", "lab-7", "--", "x"], { env: silent.env, stdin: "text" });
  expect(silent.requests).toHaveLength(1);
  let call: ScriptedCall | undefined;
  const { env } = await serve(
    (given) => {
      call = given;
    },
    {
      [`POST ${ON_CALL}/input`]: () => {
        call?.end();
        return { status: 404, json: { code: "not_found", detail: "It has ended." } };
      },
    },
  );
  const done = await callYard(["node", "exec", "lab-7", "-i", "--", "true"], {
    env,
    stdin: "text",
  });
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
});

test("Ctrl-C stops the command at the node, and waits for its end", async () => {
  let call: ScriptedCall | undefined;
  const { env, requests } = await serve(
    (given) => {
      call = given;
      call.output("on it");
    },
    {
      [`POST ${ON_CALL}/cancel`]: () => {
        call?.output("last words");
        call?.end({ status: "canceled", exit_code: -1, signal: "SIGTERM" });
        return { json: { request_id: CALL_ID, node: "lab-7", state: "signaled" } };
      },
    },
  );
  const done = await callYard(["node", "exec", "lab-7", "--", "sleep", "9"], {
    env,
    onStdout: (_, interrupt) => interrupt(),
  });
  expect(done).toMatchObject({ exitCode: 130, stdout: "on itlast words" });
  expect(requests[1]?.body).toEqual({ reason: "interrupted" });
});

test("a second Ctrl-C, or a node that cannot stop it, leaves the command to itself", async () => {
  let call: ScriptedCall | undefined;
  let state = "signaled";
  const { env } = await serve(
    (given) => {
      call = given;
      call.output("on it");
    },
    {
      [`POST ${ON_CALL}/cancel`]: () => ({ json: { request_id: CALL_ID, node: "lab-7", state } }),
    },
  );
  const argv = ["node", "exec", "lab-7", "--", "sleep", "9"];
  const twice = await callYard(argv, {
    env,
    onStdout: (_, interrupt) => {
      interrupt();
      interrupt();
    },
  });
  expect(twice.exitCode).toBe(130);
  await vi.waitFor(() => expect(call?.isLeft).toBe(true));
  state = "abandoned";
  const base = await callYard(argv, { env, onStdout: (_, interrupt) => interrupt() });
  expect(base).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining("lab-7 cannot stop it; it is left to itself"),
  });
});

test("tells when the node's link is lost and found, and which call an answer that breaks off was", async () => {
  const { env } = await serve((call) => {
    call.tell({ type: "state", state: "reconnecting" });
    call.tell({ type: "state", state: "connected" });
    setImmediate(call.cut);
  });
  const call = await callYard(["node", "exec", "lab-7", "--", "x"], { env });
  expect(call.exitCode).toBe(6);
  expect(call.stderr).toMatch(/lab-7 lost its link.*\n.*lab-7 is back\n.*yard audit --request/s);
});

test("gives a command this terminal: keys, size and all, and puts it back", async () => {
  let terminal: TestConsole | undefined;
  let call: ScriptedCall | undefined;
  const typed: string[] = [];
  const { env, requests } = await serve(
    (given) => {
      call = given;
      call.tell({ type: "state", state: "reconnecting" });
      call.output("$ ", "pty");
    },
    {
      [`POST ${ON_CALL}/resize`]: { json: {} },
      [`POST ${ON_CALL}/input`]: ({ body }) => {
        typed.push(Buffer.from((body as { data_b64: string }).data_b64, "base64").toString());
        if (typed.join("").includes("exit\r")) {
          expect(terminal?.isRaw).toBe(true);
          call?.output("bye\r\n", "pty");
          call?.end({ status: "error", exit_code: 5 });
        }
        return { json: {} };
      },
    },
  );
  const done = await callYard(["node", "exec", "lab-7", "-t", "-c", "vi"], {
    env: { ...env, TERM: "screen" },
    terminal: { columns: 100, rows: 30 },
    isTyped: true,
    onConsole: (given) => {
      terminal = given;
    },
    onStdout: (text) => {
      if (text !== "$ ") return;
      terminal?.resize({ columns: 90, rows: 20 });
      terminal?.type("\x03");
      terminal?.type("exit\r");
    },
  });
  expect(done).toMatchObject({ exitCode: 5, stdout: "$ bye\r\n" });
  // On a line of its own, raw as the terminal is; and Ctrl-C is no way out.
  expect(done.stderr).toMatch(/^\r\nyard: lab-7 lost its link;.*Enter, then ~\. .*\r\n/);
  expect(call?.body).toMatchObject({
    stdin: "pty",
    pty: { cols: 100, rows: 30, term: "screen" },
    command: "vi",
  });
  expect(typed.join("")).toBe("\x03exit\r");
  const resized = requests.find(({ path }) => path.endsWith("/resize"));
  expect(resized?.body).toEqual({ cols: 90, rows: 20 });
  expect(terminal?.isRaw).toBe(false);
});

test("options of a program that do not stand behind -- are told where they belong", async () => {
  const call = await callYard(["node", "exec", "lab-7", "hostname", "-f"]);
  expect(call).toMatchObject({
    exitCode: 2,
    stderr:
      "error: unknown option '-f'\n(A program's own options stand behind --: yard node exec NODE -- PROGRAM -f)\n",
  });
  const misspelt = await callYard(["node", "exec", "lab-7", "--timout", "3s", "--", "true"]);
  expect(misspelt.stderr).toBe("error: unknown option '--timout'\n(Did you mean --timeout?)\n");
});
