import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBinary, encodeBinary } from "./binary.ts";
import { decodeFrame } from "./decode.ts";
import { encodeFrame } from "./encode.ts";
import {
  NODE_FRAMES,
  type OutgoingNodeFrame,
  type OutgoingServerFrame,
  SERVER_FRAMES,
  STREAMS,
} from "./frames/index.ts";

const DIRECTIONS = ["from_node", "from_server"] as const;
const FIELDS = [
  ...["id", "ts", "seq", "data", "more", "status", "stream", "exit_code", "token", "proof", "code"],
  ...["node_name", "protocol_version", "capabilities", "path", "command", "env", "lease_id", "job"],
  ...["files", "calls", "outputs", "content_b64", "reason", "session_id", "sha256", "offset"],
  ...["input_acks", "eof"],
];

function decode(text: string, direction: (typeof DIRECTIONS)[number]): unknown {
  return direction === "from_node" ? decodeFrame(text, direction) : decodeFrame(text, direction);
}

/** Decodes, and holds that the answer is one of the three. */
function judge(text: string): void {
  for (const direction of DIRECTIONS) {
    const decoded = decode(text, direction) as object;
    expect(Object.keys(decoded)[0]).toMatch(/^(ok|unknown|flaw)$/);
  }
}

test("no text at all makes it throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), judge));
  fc.assert(fc.property(fc.json({ maxDepth: 2 }), judge));
});

test("no values in the fields of a known frame make it throw", () => {
  const types = Object.keys({ ...NODE_FRAMES, ...SERVER_FRAMES });
  const fields = fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue());
  fc.assert(
    fc.property(fc.constantFrom(...types), fields, (type, rest) => {
      judge(JSON.stringify({ ...rest, type }));
    }),
    { numRuns: 1_000 },
  );
});

test("nesting without end makes it neither throw nor hang", () => {
  const depth = 200_000;
  judge("[".repeat(depth));
  judge(`{"type":"task_offer","job":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`);
  const result = `"type":"task_result","lease_id":"l","fence":1,"status":"failed"`;
  judge(`{${result},"outputs":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`);
});

const bytes = (max = 200) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const id = fc.uuid();
const seq = fc.integer({ min: 1, max: 0xffff_ffff });
const offset = fc.maxSafeNat();
const stream = fc.constantFrom(...STREAMS);
const sha256 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((array) => Buffer.from(array).toString("hex"));
const path = fc
  .array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) =>
    parts
      .join("")
      .replace(/[/\\]|\.\./g, "_")
      .replaceAll("\u0000", "_"),
  );

const nodeFrame: fc.Arbitrary<OutgoingNodeFrame> = fc.oneof(
  fc.record({
    type: fc.constant("exec_chunk" as const),
    id,
    seq,
    stream,
    data: bytes(),
    more: fc.constant(true as const),
  }),
  fc.record({ type: fc.constant("task_log" as const), lease_id: id, seq, stream, data: bytes() }),
  fc.record({ type: fc.constant("task_file_ack" as const), lease_id: id, sha256, offset }),
  fc.record({
    type: fc.constant("task_file_data" as const),
    lease_id: id,
    path,
    offset,
    data: bytes(),
    eof: fc.boolean(),
  }),
);

const credit = fc.integer({ min: 0, max: 0xffff_ffff });
const serverFrame: fc.Arbitrary<OutgoingServerFrame> = fc.oneof(
  fc.record({ type: fc.constant("exec_ack" as const), id, seq: fc.nat(), credit_bytes: credit }),
  fc.record({
    type: fc.constant("task_log_ack" as const),
    lease_id: id,
    seq: fc.nat(),
    credit_bytes: credit,
  }),
  fc.record({
    type: fc.constant("exec_input" as const),
    id,
    seq,
    data: bytes(),
    eof: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("task_file" as const),
    lease_id: id,
    sha256,
    offset,
    data: bytes(),
    eof: fc.boolean(),
  }),
);

test("a frame comes back from text and from its binary form as it was", () => {
  fc.assert(
    fc.property(nodeFrame, (frame) => {
      expect(decodeFrame(encodeFrame(frame), "from_node")).toEqual({ ok: frame });
      const binary = encodeBinary(frame) as Buffer;
      expect(decodeBinary(binary, "from_node")).toEqual({ ok: frame });
      expect(decodeBinary(binary, "from_server")).toHaveProperty("unknown");
    }),
  );
  fc.assert(
    fc.property(serverFrame, (frame) => {
      expect(decodeFrame(encodeFrame(frame), "from_server")).toEqual({ ok: frame });
      const binary = encodeBinary(frame) as Buffer;
      expect(decodeBinary(binary, "from_server")).toEqual({ ok: frame });
      expect(decodeBinary(binary, "from_node")).toHaveProperty("unknown");
    }),
  );
});

test("no bytes make the binary form throw", () => {
  const any = fc.tuple(fc.integer({ min: 0, max: 10 }), bytes(80));
  fc.assert(
    fc.property(any, ([kind, rest]) => {
      const message = Buffer.concat([Buffer.from([kind]), rest]);
      for (const decoded of [
        decodeBinary(message, "from_node"),
        decodeBinary(message, "from_server"),
      ]) {
        expect(Object.keys(decoded)[0]).toMatch(/^(ok|unknown|flaw)$/);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(decodeBinary(Buffer.alloc(0), "from_node")).toHaveProperty("unknown");
});

test("what has no binary form goes as text", () => {
  const last = {
    type: "exec_chunk" as const,
    seq: 1,
    data: Buffer.alloc(0),
    status: "ok" as const,
  };
  expect(encodeBinary({ ...last, id: "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c" })).toBeUndefined();
  const log = { type: "task_log" as const, seq: 1, data: Buffer.alloc(0) };
  expect(encodeBinary({ ...log, lease_id: "l-9" })).toBeUndefined();
  expect(encodeBinary({ type: "ping" })).toBeUndefined();
});
