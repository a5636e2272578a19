import type { z } from "zod";
import { isJsonObject } from "../json/json.ts";
import { jsonExcess } from "../json/json-measure.ts";
import { decodeBase64 } from "./base64.ts";
import { execChunkLast, execChunkMore } from "./frames/exec.ts";
import {
  BYTE_FRAMES,
  NODE_FRAMES,
  type NodeFrame,
  type NodeFrames,
  SERVER_FRAMES,
  type ServerFrame,
  STREAMS,
  type StreamName,
} from "./frames/index.ts";
import { NODE_LIMITS } from "./limits.ts";

/** What is wrong with a message. `type` and `id` where they could be read, so that the sender can be told. */
export interface FrameFlaw {
  readonly reason: "not_json" | "not_a_frame" | "bad_frame" | "too_large";
  readonly detail: string;
  readonly type?: string;
  readonly id?: string;
}

/** `unknown`: a type that this side does not know, to be passed over (server) or answered with 5001 (node). */
export type Decoded<Frame> =
  | { readonly ok: Frame }
  | { readonly unknown: string; readonly id?: string }
  | { readonly flaw: FrameFlaw };

/** Who sent the message. */
export type FrameDirection = "from_node" | "from_server";

type Fields = Record<string, unknown>;

/**
 * The frame that a text message holds, with the defaults of what was left out. Never throws, whatever it is
 * given; fields it does not know are dropped. The size of the message is the caller's to bound (the socket's
 * `maxPayload`); only hello and auth have a lower one here.
 */
export function decodeFrame(text: string, direction: "from_node"): Decoded<NodeFrame>;
export function decodeFrame(text: string, direction: "from_server"): Decoded<ServerFrame>;
export function decodeFrame(
  text: string,
  direction: FrameDirection,
): Decoded<NodeFrame | ServerFrame> {
  const excess = direction === "from_node" ? jsonExcess(text) : undefined;
  if (excess !== undefined)
    return {
      flaw: { reason: "too_large", detail: `the message cannot be read at once: ${excess}` },
    };
  const fields = fieldsOf(text);
  if ("flaw" in fields) return fields;
  const { frame } = fields;
  const type = frame["type"];
  if (typeof type !== "string" || type === "" || type.length > NODE_LIMITS.reasonChars) {
    return { flaw: { reason: "not_a_frame", detail: "type: is no name of a frame" } };
  }
  if (direction === "from_node") {
    const chunk = type === "exec_chunk" || type === "task_log" ? quickOutput(frame) : undefined;
    if (chunk !== undefined) return { ok: chunk };
  }
  const schema = schemaOf(type, frame, direction);
  if (schema === undefined) return { unknown: type.toWellFormed(), ...idOf(frame) };
  if (isHandshake(type) && text.length > NODE_LIMITS.handshakeBytes) {
    return flawOf(frame, "too_large", `${type} is longer than 64 KiB`);
  }
  return checked(frame, schema);
}

function fieldsOf(text: string): { frame: Fields } | { flaw: FrameFlaw } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { flaw: { reason: "not_json", detail: "the message is no JSON" } };
  }
  if (isJsonObject(value)) return { frame: value as Fields };
  return { flaw: { reason: "not_a_frame", detail: "the message is no JSON object" } };
}

function schemaOf(type: string, frame: Fields, direction: FrameDirection): z.ZodType | undefined {
  const table: Record<string, z.ZodType> = direction === "from_node" ? NODE_FRAMES : SERVER_FRAMES;
  if (!Object.hasOwn(table, type)) return undefined;
  // Names the field that is wrong; a union says only that nothing fits.
  if (type === "exec_chunk") return frame["more"] === true ? execChunkMore : execChunkLast;
  return table[type];
}

function isHandshake(type: string): boolean {
  return type === "hello" || type === "auth";
}

function checked(frame: Fields, schema: z.ZodType): Decoded<NodeFrame & ServerFrame> {
  const result = schema.safeParse(withBytes(frame));
  if (result.success) return { ok: result.data as NodeFrame & ServerFrame };
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  return flawOf(frame, "bad_frame", `${where === "" ? "" : `${where}: `}${issue?.message ?? ""}`);
}

function withBytes(frame: Fields): Fields {
  if (!BYTE_FRAMES.has(frame["type"] as string)) return frame;
  const { data } = frame;
  return { ...frame, data: typeof data === "string" ? decodeBase64(data) : undefined };
}

function flawOf(frame: Fields, reason: FrameFlaw["reason"], detail: string): { flaw: FrameFlaw } {
  const type = (frame["type"] as string).toWellFormed();
  const text = detail.slice(0, NODE_LIMITS.detailChars).toWellFormed();
  return { flaw: { reason, detail: text, type, ...idOf(frame) } };
}

function idOf(frame: Fields): { id?: string } {
  const { id } = frame;
  return typeof id === "string" && isId(id) ? { id } : {};
}

/** Ids of calls and leases in output frames: the ones we gave are plain, so others are left to the schema. */
const PLAIN_ID = /^[\w.:-]{1,64}$/;

function isId(text: unknown): text is string {
  return typeof text === "string" && PLAIN_ID.test(text);
}

/**
 * Output under way, without the cost of a schema: it is nearly all that nodes send. Anything that is not plainly
 * right is left to the schema, which says what is wrong.
 */
function quickOutput(frame: Fields): NodeFrames["exec_chunk"] | NodeFrames["task_log"] | undefined {
  const { type, id, lease_id, seq, data, ts } = frame;
  const stream = frame["stream"] ?? "stdout";
  if (ts !== undefined || !isSeq(seq) || !isStream(stream) || typeof data !== "string") {
    return undefined;
  }
  const bytes = decodeBase64(data);
  if (bytes === undefined) return undefined;
  if (type === "task_log") {
    return isId(lease_id) ? { type, lease_id, seq, stream, data: bytes } : undefined;
  }
  if (type !== "exec_chunk" || frame["more"] !== true || !isId(id)) return undefined;
  return { type, id, seq, stream, data: bytes, more: true };
}

function isSeq(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 0xffff_ffff;
}

function isStream(value: unknown): value is StreamName {
  return (STREAMS as readonly unknown[]).includes(value);
}
