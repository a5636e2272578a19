import { expect, test } from "vitest";
import { agreeCapabilities, BASE_CAPABILITIES, CAPABILITIES } from "./capabilities.ts";
import { CLOSE, CLOSE_KINDS, closeName } from "./close-codes.ts";
import { NODE_FRAMES, type NodeFrameType, SERVER_FRAMES } from "./frames/index.ts";
import { isCarried } from "./gate.ts";
import { clampTimeoutMs, NODE_LIMITS } from "./limits.ts";
import { HANDSHAKE_REASONS, isReason, REASON_CODES, reasonOf } from "./reasons.ts";
import { agreeVersion } from "./version.ts";

test.each([
  ["0.0.9", { agreed: "0.0.9" }],
  ["0.1.0", { agreed: "0.1.0" }],
  ["0.1.0-draft", { agreed: "0.1.0" }],
  ["0.1", { agreed: "0.1.0" }],
  ["0.9.0", { agreed: "0.1.0" }],
  ["1.0.0", { unsupported: "0.1.0" }],
  ["10.1.0", { unsupported: "0.1.0" }],
  ["", { unsupported: "0.1.0" }],
  ["v0.1.0", { unsupported: "0.1.0" }],
  ["0.1.99999999999999999999", { unsupported: "0.1.0" }],
])("a node that speaks %s is answered %j", (theirs, answer) => {
  expect(agreeVersion(theirs)).toEqual(answer);
});

test("a close code means one thing, and the terminal ones stop our client", () => {
  const codes = Object.values(CLOSE);
  expect(new Set(codes).size).toBe(codes.length);
  expect(CLOSE).toEqual({
    normal: 1000,
    too_big: 1009,
    server_fault: 1011,
    auth_failed: 4001,
    bad_version: 4002,
    bad_handshake: 4003,
    rate_limit: 4004,
    server_shutdown: 4005,
    revoked: 4006,
    superseded: 4007,
    bad_frames: 4008,
    handshake_timeout: 4009,
    stale: 4010,
    name_conflict: 4011,
  });
  const terminal = Object.values(CLOSE_KINDS).filter((kind) => kind.terminal);
  expect(terminal.map((kind) => kind.code)).toEqual([4002, 4006, 4011]);
  expect([closeName(4006), closeName(1006)]).toEqual(["revoked", undefined]);
});

test("a refused handshake says the code that closes the socket", () => {
  const known = new Set<number>(Object.values(CLOSE));
  for (const code of Object.values(HANDSHAKE_REASONS)) expect(known.has(code)).toBe(true);
});

test("a reason means one code, and 2005 none", () => {
  const codes: number[] = Object.values(REASON_CODES);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).not.toContain(2005);
});

test("the text of a reason counts before its number", () => {
  expect(reasonOf("io_error", 2001)).toBe("io_error");
  expect(reasonOf("something else", 2001)).toBe("path_not_allowed");
  expect(reasonOf(undefined, 2004)).toBe("io_error");
  expect(reasonOf("something else", 2005)).toBeUndefined();
  expect(isReason("toString")).toBe(false);
});

test("a session may use what the node offers, the server knows and its policy allows", () => {
  expect(agreeCapabilities(["write", "exec", "teleport"])).toEqual(["exec", "write"]);
  expect(agreeCapabilities(undefined)).toEqual(["exec", "read", "write"]);
  expect(agreeCapabilities([...CAPABILITIES], ["exec", "task"])).toEqual(["exec", "task"]);
});

test("our capabilities fit in what older servers take", () => {
  expect(CAPABILITIES.length).toBeLessThanOrEqual(NODE_LIMITS.helloCapabilities);
  for (const token of CAPABILITIES)
    expect(token.length).toBeLessThanOrEqual(NODE_LIMITS.capabilityChars);
});

test("a timeout is held between its bounds, and has a default", () => {
  const timeouts = [undefined, 0, -5, 10, 5_000, 10_000_000].map((asked) => clampTimeoutMs(asked));
  expect(timeouts).toEqual([60_000, 60_000, 60_000, 1_000, 5_000, 600_000]);
  expect(clampTimeoutMs(10_000_000, 86_400_000)).toBe(10_000_000);
});

test("a base session carries base frames alone", () => {
  const base = new Set<string>(BASE_CAPABILITIES);
  const all = [...new Set([...Object.keys(NODE_FRAMES), ...Object.keys(SERVER_FRAMES)])];
  const carried = all.filter((type) => isCarried(type as NodeFrameType, base)).sort();
  expect(carried).toEqual(
    [
      ...["hello", "hello_ack", "hello_err", "auth", "auth_ok", "auth_err", "exec", "exec_chunk"],
      ...["exec_result", "read", "read_result", "write", "write_result", "ping", "pong", "error"],
      ...["bye", "enc", "rate_limit"],
    ].sort(),
  );
  const ours = new Set<string>(CAPABILITIES);
  expect(all.every((type) => isCarried(type as NodeFrameType, ours))).toBe(true);
});
