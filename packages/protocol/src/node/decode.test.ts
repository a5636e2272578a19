import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeFrame } from "./decode.ts";
import { encodeFrame } from "./encode.ts";
import type { NodeFrame, ServerFrame } from "./frames/index.ts";

/** Every message that the node protocol shows, as its sender writes it. */
const EXAMPLES = JSON.parse(
  readFileSync(new URL("fixtures/wire-examples.json", import.meta.url), "utf8"),
) as { from_node: string[]; from_server: string[] };

const ID = "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c";

function fromNode(message: unknown): NodeFrame {
  const decoded = decodeFrame(JSON.stringify(message), "from_node");
  if (!("ok" in decoded)) throw new Error(JSON.stringify(decoded));
  return decoded.ok;
}

function fromServer(message: unknown): ServerFrame {
  const decoded = decodeFrame(JSON.stringify(message), "from_server");
  if (!("ok" in decoded)) throw new Error(JSON.stringify(decoded));
  return decoded.ok;
}

function flawOfNode(message: unknown): string {
  const decoded = decodeFrame(JSON.stringify(message), "from_node");
  return "flaw" in decoded ? decoded.flaw.detail : "none";
}

test.each(EXAMPLES.from_node)("a node's message is a frame: %s", (text) => {
  const decoded = decodeFrame(text, "from_node");
  expect(decoded).toMatchObject({ ok: withoutBytes(text) });
});

test.each(EXAMPLES.from_server)("a server's message is a frame: %s", (text) => {
  const decoded = decodeFrame(text, "from_server");
  expect(decoded).toMatchObject({ ok: withoutBytes(text) });
});

function withoutBytes(text: string): object {
  const { data, ...rest } = JSON.parse(text) as { data?: string };
  const isSealed = (rest as { type?: string }).type === "enc";
  return data === undefined || isSealed
    ? JSON.parse(text)
    : { ...rest, data: Buffer.from(data, "base64") };
}

test.each(EXAMPLES.from_node)("what was decoded is encoded to the same fields: %s", (text) => {
  const decoded = decodeFrame(text, "from_node");
  if (!("ok" in decoded)) throw new Error("not decoded");
  expect(JSON.parse(encodeFrame(decoded.ok))).toMatchObject(JSON.parse(text));
});

test("fields that it does not know are dropped, wherever they are", () => {
  const hello = {
    type: "hello",
    protocol_version: "0.1.0",
    node_name: "a",
    x: 1,
    "y.z": [],
    __proto: {},
  };
  expect(fromNode(hello)).toEqual({ type: "hello", protocol_version: "0.1.0", node_name: "a" });
});

test("a client that ends its messages with a newline and escapes angle brackets is understood", () => {
  const text = `{"command":"a \\u003c b","id":"${ID}","type":"exec"}\n`;
  expect(decodeFrame(text, "from_server")).toEqual({
    ok: { type: "exec", id: ID, command: "a < b" },
  });
});

test("a last chunk without its numbers ended well", () => {
  expect(
    fromNode({ type: "exec_chunk", id: ID, seq: 3, data: "", more: false, status: "ok" }),
  ).toEqual({
    type: "exec_chunk",
    id: ID,
    seq: 3,
    stream: "stdout",
    data: Buffer.alloc(0),
    more: false,
    status: "ok",
    exit_code: 0,
    duration_ms: 0,
    truncated: false,
  });
});

test("a last chunk keeps its exit code", () => {
  const last = {
    type: "exec_chunk",
    id: ID,
    seq: 3,
    data: "",
    more: false,
    status: "error",
    exit_code: 7,
  };
  expect(fromNode(last)).toMatchObject({ exit_code: 7, status: "error" });
  expect(fromNode({ type: "exec_result", id: ID, status: "error", exit_code: 7 })).toMatchObject({
    exit_code: 7,
    stdout: "",
    stderr: "",
  });
});

test("an empty file has no content, and is read as empty", () => {
  expect(fromNode({ type: "read_result", id: ID, status: "ok" })).toMatchObject({
    content_b64: "",
    size_bytes: 0,
  });
  expect(fromNode({ type: "write_result", id: ID, status: "ok" })).toMatchObject({
    bytes_written: 0,
  });
});

test("a refused read is an error and has no content, whatever else it says", () => {
  const refused = {
    type: "read_result",
    id: ID,
    status: "error",
    error: "path_not_allowed",
    content_b64: "QQ==",
  };
  expect(fromNode(refused)).toEqual({
    type: "read_result",
    id: ID,
    status: "error",
    error: "path_not_allowed",
  });
});

test("a type that is not known is told, with its id", () => {
  expect(decodeFrame(JSON.stringify({ type: "teleport", id: ID }), "from_node")).toEqual({
    unknown: "teleport",
    id: ID,
  });
  expect(decodeFrame('{"type":"exec","id":"a","command":"x"}', "from_node")).toEqual({
    unknown: "exec",
    id: "a",
  });
  expect(decodeFrame('{"type":"__proto__"}', "from_node")).toEqual({ unknown: "__proto__" });
});

test.each([
  ["", "not_json"],
  ["{", "not_json"],
  ["null", "not_a_frame"],
  ["[]", "not_a_frame"],
  ['"hello"', "not_a_frame"],
  ["{}", "not_a_frame"],
  ['{"type":7}', "not_a_frame"],
  [`{"type":"${"x".repeat(65)}"}`, "not_a_frame"],
  ['{"type":"ping","ts":7}', "bad_frame"],
  ['{"type":"ping","ts":null}', "bad_frame"],
  ['{"type":"exec_chunk"}', "bad_frame"],
])("%s is a flaw: %s", (text, reason) => {
  expect(decodeFrame(text, "from_node")).toMatchObject({ flaw: { reason } });
});

test("a flaw names the field, the type and the id", () => {
  const text = JSON.stringify({ type: "exec", id: ID, command: "true", env: { A: 1 } });
  expect(decodeFrame(text, "from_server")).toMatchObject({
    flaw: { reason: "bad_frame", type: "exec", id: ID, detail: expect.stringContaining("env.A") },
  });
});

test.each([
  [{ type: "hello", protocol_version: "0.1.0", node_name: "x".repeat(65) }, "node_name"],
  [{ type: "hello", protocol_version: "0.1.0", node_name: "   " }, "node_name"],
  [{ type: "hello", protocol_version: "x".repeat(33), node_name: "a" }, "protocol_version"],
  [{ type: "hello", protocol_version: "1", node_name: "a", ecdh_pub: "short" }, "ecdh_pub"],
  [{ type: "auth", node_name: "a", token: "x".repeat(129) }, "token"],
  [{ type: "auth", node_name: "a" }, "one of token and proof"],
  [{ type: "auth", node_name: "a", token: "t", proof: "p".repeat(43) }, "one of token and proof"],
  [{ type: "error", code: 5000, reason: "x".repeat(65) }, "reason"],
  [{ type: "error", code: 5000, reason: "x", id: "x".repeat(65) }, "id"],
  [{ type: "error", code: 5.5, reason: "x" }, "code"],
  [{ type: "pong", ts: "x".repeat(41) }, "ts"],
  [{ type: "exec_chunk", id: ID, seq: 0, data: "", more: true }, "seq"],
  [{ type: "exec_chunk", id: ID, seq: 1.5, data: "", more: true }, "seq"],
  [{ type: "exec_chunk", id: ID, seq: 1, data: "A===", more: true }, "data"],
  [{ type: "exec_chunk", id: ID, seq: 1, data: "????", more: true }, "data"],
  [{ type: "exec_chunk", id: ID, seq: 1, data: 7, more: true }, "data"],
  [{ type: "exec_chunk", id: ID, seq: 1, data: "", more: "no" }, "more"],
  [{ type: "exec_chunk", id: ID, seq: 1, data: "", more: true, stream: "stdlog" }, "stream"],
  [{ type: "exec_chunk", id: ID, seq: 1, data: "", more: false }, "status"],
  [{ type: "task_log", lease_id: "", seq: 1, data: "" }, "lease_id"],
  [
    { type: "task_result", lease_id: "l", fence: 1, status: "failed", outputs: { a: deep(70) } },
    "outputs",
  ],
  [
    { type: "task_result", lease_id: "l", fence: 1, status: "failed", files: [{ path: "../x" }] },
    "path",
  ],
])("%j is refused for its %s", (message, what) => {
  expect(flawOfNode(message)).toContain(what);
});

function deep(levels: number): unknown {
  return levels === 0 ? 0 : [deep(levels - 1)];
}

test("details are cut instead of refused, and never in the middle of a character", () => {
  const detail = `${"x".repeat(4095)}😀${"y".repeat(100_000)}`;
  const frame = fromNode({ type: "error", code: 5000, reason: "internal_error", detail });
  expect(frame).toMatchObject({ detail: `${"x".repeat(4095)}\ufffd` });
});

test("names that reach a database and a log have no NUL and no half characters", () => {
  expect(
    fromNode({ type: "hello", protocol_version: "0.1.0", node_name: "a\u0000b\ud800" }),
  ).toMatchObject({
    node_name: "a\ufffdb\ufffd",
  });
});

test("what a program wrote keeps its NUL", () => {
  expect(
    fromNode({ type: "exec_result", id: ID, status: "ok", stdout: "a\u0000\ud800" }),
  ).toMatchObject({
    stdout: "a\u0000\ufffd",
  });
});

test("a program is given no NUL", () => {
  for (const message of [
    { type: "exec", id: ID, command: "a\u0000" },
    { type: "exec", id: ID, command: "a", argv: ["a", "\u0000"] },
    { type: "exec", id: ID, command: "a", env: { A: "\u0000" } },
    { type: "exec", id: ID, command: "a", cwd: "/\u0000" },
    { type: "read", id: ID, path: "/\u0000" },
  ]) {
    const decoded = decodeFrame(JSON.stringify(message), "from_server");
    expect(decoded).toMatchObject({ flaw: { detail: expect.stringContaining("NUL") } });
  }
});

test("a command, an environment, a handshake and what any message holds have their largest size", () => {
  const command = (length: number) => ({ type: "exec", id: ID, command: "é".repeat(length / 2) });
  expect(fromServer(command(256 * 1024))).toMatchObject({ type: "exec" });
  expect(decodeFrame(JSON.stringify(command(256 * 1024 + 2)), "from_server")).toHaveProperty(
    "flaw",
  );
  const env = Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`V${at}`, ""]));
  expect(
    decodeFrame(JSON.stringify({ type: "exec", id: ID, command: "a", env }), "from_server"),
  ).toHaveProperty("flaw");
  const crowd = `{"type":"pong","x":[${"{},".repeat(200_000)}{}]}`;
  expect(decodeFrame(crowd, "from_node")).toMatchObject({ flaw: { reason: "too_large" } });
  const hello = { type: "hello", protocol_version: "0.1.0", node_name: "a", x: "x".repeat(65_536) };
  expect(decodeFrame(JSON.stringify(hello), "from_node")).toMatchObject({
    flaw: { reason: "too_large" },
  });
});

test("output under way, written in full, is the same frame with and without its optional fields", () => {
  const bare = { type: "exec_chunk", id: ID, seq: 1, data: "AAE=", more: true };
  const full = { ...bare, stream: "stdout", ts: "2026-03-02T09:00:00.000Z" };
  expect({ ...fromNode(bare), ts: full.ts }).toEqual(fromNode(full));
  const log = { type: "task_log", lease_id: ID, seq: 1, stream: "stderr", data: "AAE=" };
  expect(fromNode(log)).toEqual({ ...log, data: Buffer.from([0, 1]) });
});
