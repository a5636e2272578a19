import { isUuid } from "../ids.ts";
import type { Decoded, FrameDirection } from "./decode.ts";
import {
  type NodeFrame,
  type OutgoingNodeFrame,
  type OutgoingServerFrame,
  type ServerFrame,
  STREAMS,
} from "./frames/index.ts";
import { NODE_LIMITS } from "./limits.ts";

/*
 * Capability `binary`: output, files and their acks as binary messages. A header of 22 bytes, then what the kind
 * has: kind (1), id or lease id as UUID (16), seq (4, big-endian), stream (1). Numbers are big-endian; `offset`
 * and `credit` have 8 and 4 bytes. A frame that has no such form (an id that is no UUID, the last chunk of a
 * call) goes as text.
 *
 *   1 exec_chunk    data                                   5 task_file       sha256 (32) offset eof (1) data
 *   2 exec_ack      credit                                 6 task_file_ack   sha256 (32) offset
 *   3 task_log      data                                   7 task_file_data  offset eof (1) length (2) path data
 *   4 task_log_ack  credit                                 8 exec_input      eof (1) data
 */
const KINDS = {
  exec_chunk: 1,
  exec_ack: 2,
  task_log: 3,
  task_log_ack: 4,
  task_file: 5,
  task_file_ack: 6,
  task_file_data: 7,
  exec_input: 8,
} as const;
type Kind = keyof typeof KINDS;

const FROM_NODE: ReadonlySet<Kind> = new Set([
  "exec_chunk",
  "task_log",
  "task_file_ack",
  "task_file_data",
]);
const NAMES = new Map<number, Kind>(
  Object.entries(KINDS).map(([name, code]) => [code, name as Kind]),
);
const HEADER_BYTES = 22;
const NOTHING = Buffer.alloc(0);

type Outgoing = OutgoingNodeFrame | OutgoingServerFrame;
type Binary = Extract<NodeFrame | ServerFrame, { type: Kind }>;

/** The binary message of a frame, or undefined where it has none and must go as text. */
export function encodeBinary(frame: Outgoing): Buffer | undefined {
  switch (frame.type) {
    case "exec_chunk":
      if (frame.more !== true) return undefined;
      return message(frame.type, frame.id, frame.seq, frame.stream, [frame.data]);
    case "task_log":
      return message(frame.type, frame.lease_id, frame.seq, frame.stream, [frame.data]);
    case "exec_input":
      return message(frame.type, frame.id, frame.seq, undefined, [flag(frame.eof), frame.data]);
    case "exec_ack":
      return message(frame.type, frame.id, frame.seq, undefined, [uint32(frame.credit_bytes)]);
    case "task_log_ack":
      return message(frame.type, frame.lease_id, frame.seq, undefined, [
        uint32(frame.credit_bytes),
      ]);
    case "task_file": {
      const { lease_id, sha256, offset, eof, data } = frame;
      const parts = [Buffer.from(sha256, "hex"), uint64(offset), flag(eof), data];
      return message(frame.type, lease_id, 0, undefined, parts);
    }
    case "task_file_ack": {
      const parts = [Buffer.from(frame.sha256, "hex"), uint64(frame.offset)];
      return message(frame.type, frame.lease_id, 0, undefined, parts);
    }
    case "task_file_data": {
      if (frame.error !== undefined) return undefined;
      const path = Buffer.from(frame.path);
      const length = Buffer.from([path.length >> 8, path.length & 0xff]);
      const parts = [uint64(frame.offset), flag(frame.eof), length, path, frame.data];
      return message(frame.type, frame.lease_id, 0, undefined, parts);
    }
    default:
      return undefined;
  }
}

function message(
  kind: Kind,
  id: string,
  seq: number,
  stream: (typeof STREAMS)[number] | undefined,
  parts: readonly Buffer[],
): Buffer | undefined {
  if (!isUuid(id) || seq > 0xffff_ffff) return undefined;
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = KINDS[kind];
  header.write(id.replaceAll("-", ""), 1, "hex");
  header.writeUInt32BE(seq, 17);
  header[21] = stream === undefined ? 0 : STREAMS.indexOf(stream);
  return Buffer.concat([header, ...parts]);
}

function flag(value: boolean | undefined): Buffer {
  return Buffer.from([value === true ? 1 : 0]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(Math.min(value, 0xffff_ffff));
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The frame that a binary message holds. Never throws; `data` is a view of the message, not a copy. */
export function decodeBinary(bytes: Buffer, direction: "from_node"): Decoded<NodeFrame>;
export function decodeBinary(bytes: Buffer, direction: "from_server"): Decoded<ServerFrame>;
export function decodeBinary(
  bytes: Buffer,
  direction: FrameDirection,
): Decoded<NodeFrame | ServerFrame> {
  const kind = NAMES.get(bytes[0] ?? 0);
  if (kind === undefined || FROM_NODE.has(kind) !== (direction === "from_node")) {
    return { unknown: `binary ${bytes[0] ?? "nothing"}` };
  }
  if (bytes.length < HEADER_BYTES) return flawed(kind, "is shorter than its header");
  const id = uuidAt(bytes, 1);
  const frame = frameOf(kind, id, bytes);
  return frame === undefined
    ? flawed(kind, "does not have the form of its kind", id)
    : { ok: frame };
}

function flawed(kind: Kind, what: string, id?: string): Decoded<never> {
  const detail = `binary ${kind} ${what}`;
  return { flaw: { reason: "bad_frame", detail, type: kind, ...(id === undefined ? {} : { id }) } };
}

function frameOf(kind: Kind, id: string, bytes: Buffer): Binary | undefined {
  const seq = bytes.readUInt32BE(17);
  const stream = STREAMS[bytes[21] as number];
  const body = bytes.subarray(HEADER_BYTES);
  switch (kind) {
    case "exec_chunk":
      if (stream === undefined || seq === 0) return undefined;
      return { type: kind, id, seq, stream, data: body, more: true };
    case "task_log":
      if (stream === undefined || seq === 0) return undefined;
      return { type: kind, lease_id: id, seq, stream, data: body };
    case "exec_input":
      if (seq === 0 || body.length < 1 || body.length > 1 + NODE_LIMITS.inputBytes)
        return undefined;
      return { type: kind, id, seq, eof: body[0] === 1, data: body.subarray(1) };
    case "exec_ack":
      if (body.length !== 4) return undefined;
      return { type: kind, id, seq, credit_bytes: body.readUInt32BE(0) };
    case "task_log_ack":
      if (body.length !== 4) return undefined;
      return { type: kind, lease_id: id, seq, credit_bytes: body.readUInt32BE(0) };
    case "task_file":
      return fileOf(id, body);
    case "task_file_ack":
      return fileAckOf(id, body);
    case "task_file_data":
      return fileDataOf(id, body);
  }
}

function fileOf(lease_id: string, body: Buffer): Binary | undefined {
  const offset = offsetAt(body, 32);
  const data = pieceAt(body, 41);
  if (offset === undefined || data === undefined) return undefined;
  return { type: "task_file", lease_id, sha256: hexOf(body), offset, eof: body[40] === 1, data };
}

function fileAckOf(lease_id: string, body: Buffer): Binary | undefined {
  const offset = offsetAt(body, 32);
  if (offset === undefined || body.length !== 40) return undefined;
  return { type: "task_file_ack", lease_id, sha256: hexOf(body), offset };
}

function fileDataOf(lease_id: string, body: Buffer): Binary | undefined {
  const offset = offsetAt(body, 0);
  if (offset === undefined || body.length < 11) return undefined;
  const pathEnd = 11 + body.readUInt16BE(9);
  const data = pieceAt(body, pathEnd);
  const path = body.toString("utf8", 11, pathEnd);
  if (data === undefined || path === "" || !isInside(path)) return undefined;
  return { type: "task_file_data", lease_id, path, offset, eof: body[8] === 1, data };
}

function isInside(path: string): boolean {
  return !path.includes("\u0000") && !path.startsWith("/") && !path.split(/[\\/]/).includes("..");
}

function hexOf(body: Buffer): string {
  return body.toString("hex", 0, 32);
}

/** A whole number that JavaScript can hold, or undefined. */
function offsetAt(body: Buffer, at: number): number | undefined {
  if (body.length < at + 8) return undefined;
  const offset = Number(body.readBigUInt64BE(at));
  return Number.isSafeInteger(offset) ? offset : undefined;
}

function pieceAt(body: Buffer, at: number): Buffer | undefined {
  const bytes = body.length - at;
  if (bytes < 0 || bytes > NODE_LIMITS.rangeBytes) return undefined;
  return bytes === 0 ? NOTHING : body.subarray(at);
}

function uuidAt(bytes: Buffer, at: number): string {
  const hex = bytes.toString("hex", at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
