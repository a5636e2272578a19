import { readFileSync } from "node:fs";
import {
  createSealing,
  type Decoded,
  decodeBinary,
  decodeFrame,
  encodeBinary,
  encodeFrame,
  NODE_LIMITS,
  type NodeFrame,
  type OutgoingNodeFrame,
  type OutgoingServerFrame,
  type ServerFrame,
} from "@yardmaster/protocol/node";
import { type FuzzTarget, must, wordFor } from "../target.ts";

const EXAMPLES = JSON.parse(
  readFileSync(
    new URL("../../../protocol/src/node/fixtures/wire-examples.json", import.meta.url),
    "utf8",
  ),
) as { readonly from_node: string[]; readonly from_server: string[] };

const CALL = "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c";
const SHA256 = "5d".repeat(32);
const JOB_FRAMES: readonly (OutgoingNodeFrame | OutgoingServerFrame)[] = [
  { type: "task_log", lease_id: CALL, seq: 1, stream: "stderr", data: Buffer.from("log") },
  { type: "task_file_ack", lease_id: CALL, sha256: SHA256, offset: 2 ** 40 },
  { type: "task_file_data", lease_id: CALL, path: "a/b", offset: 0, data: Buffer.from("x") },
  { type: "task_file", lease_id: CALL, sha256: SHA256, offset: 0, data: Buffer.from("x") },
  { type: "task_result", lease_id: CALL, fence: 1, status: "failed", outputs: { a: [1] } },
  { type: "exec_input", id: CALL, seq: 1, data: Buffer.from("in") },
  { type: "exec_input_ack", id: CALL, seq: 1 },
  { type: "exec", id: CALL, command: "cat", stdin: "pipe", input_acks: true },
  { type: "exec_ack", id: CALL, seq: 1, credit_bytes: 1 },
  { type: "exec_chunk", id: CALL, seq: 1, data: Buffer.from("out"), more: true },
];

/** A message between server and node, as either side reads it: text, binary, and what is inside an encrypted one. */
export const nodeFrameTarget: FuzzTarget = {
  name: "node-frame",
  seeds: [
    ...EXAMPLES.from_node,
    ...EXAMPLES.from_server,
    ...JOB_FRAMES.map(encodeFrame),
    ...JOB_FRAMES.flatMap((frame) => encodeBinary(frame) ?? []),
  ],
  words: [
    ...['"type":', '"id":', '"seq":', '"data":', '"more":true', '"status":"ok"', '"ts":'],
    ...[
      "null",
      "-1",
      "1e400",
      "0.5",
      "9007199254740993",
      '""',
      "[]",
      "{}",
      '"\\u0000"',
      '"\\ud800"',
    ],
    ...['"__proto__":', '"../x"', "AAAA", "====", "\x01", "\x07", "\x08"],
  ],
  run(input) {
    const text = input.toString("utf8");
    return [
      outcomeOf(decodeFrame(text, "from_node")),
      outcomeOf(decodeFrame(text, "from_server")),
      outcomeOf(decodeBinary(input, "from_node")),
      outcomeOf(decodeBinary(input, "from_server")),
      openedOf(text),
    ].join(" ");
  },
};

function outcomeOf(decoded: Decoded<NodeFrame | ServerFrame>): string {
  if ("unknown" in decoded) return "unknown";
  if ("flaw" in decoded) {
    const { detail, id } = decoded.flaw;
    must(detail.length <= NODE_LIMITS.detailChars && detail.isWellFormed(), "a detail", detail);
    must(id === undefined || id.length <= NODE_LIMITS.idChars, "an id", id);
    return wordFor(detail);
  }
  mustComeBack(decoded.ok);
  return decoded.ok.type;
}

/** A frame that was taken can be sent on, and is taken there as the same. */
function mustComeBack(frame: NodeFrame | ServerFrame): void {
  const text = encodeFrame(frame);
  const again = [decodeFrame(text, "from_node"), decodeFrame(text, "from_server")];
  const same = again.some((decoded) => "ok" in decoded && encodeFrame(decoded.ok) === text);
  must(same, "a frame does not come back", frame);
}

function openedOf(text: string): string {
  const opened = createSealing({ key: Buffer.alloc(32) }).open(text);
  return "ok" in opened ? "opened" : opened.flaw;
}
