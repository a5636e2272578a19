import { AppError } from "@yardmaster/protocol";
import {
  decodeBase64,
  FOLDERS,
  NODE_LIMITS,
  type NodeFrames,
  type OutgoingServerFrames,
  type Reason,
} from "@yardmaster/protocol/node";
import type { ReadOutcome, ReadRequest, WriteOutcome, WriteRequest } from "../hub.types.ts";
import type { CallLink } from "./call.types.ts";
import { lacking, unoffered } from "./exec-frame.ts";
import { permitPath } from "./granted-path.ts";
import { nodeError } from "./node-errors.ts";
import type { PlainBody } from "./plain-call.ts";

/** A read of a file, or of a range of it. */
export function readBody(id: string, request: ReadRequest, fileMs: number): PlainBody<ReadOutcome> {
  const { path, offset, length } = request;
  const isRange = offset !== undefined || length !== undefined;
  return {
    kind: "read",
    isRepeatable: true,
    deadlineMs: fileMs,
    frameFor(link) {
      permit(link, "read", path);
      if (isRange && !link.has("files")) throw lacking(link.node.name, "ranges of files");
      const range = {
        ...(offset !== undefined && { offset }),
        ...(length !== undefined && { length }),
      };
      return { type: "read", id, path, ...range };
    },
    outcome(frame, node) {
      if (frame.type !== "read_result") return undefined;
      if (frame.status === "error") throw refusal("read", node, path, frame);
      return readOutcome(id, frame, request);
    },
    failure: (error, node) => nodeError("read", node, error, `read ${path}`),
  };
}

type Read = Extract<NodeFrames["read_result"], { status: "ok" }>;

function readOutcome(id: string, frame: Read, { offset = 0 }: ReadRequest): ReadOutcome {
  const content = decodeBase64(frame.content_b64) ?? Buffer.alloc(0);
  return {
    callId: id,
    content,
    sizeBytes: frame.size_bytes,
    eof: frame.eof ?? offset + content.length >= frame.size_bytes,
    sha256: frame.sha256 ?? null,
    mode: frame.mode ?? null,
    mtime: frame.mtime ?? null,
  };
}

export function writeBody(
  id: string,
  request: WriteRequest,
  fileMs: number,
): PlainBody<WriteOutcome> {
  const { path, content } = request;
  return {
    kind: "write",
    // What was appended twice would not be seen.
    isRepeatable: false,
    deadlineMs: fileMs,
    frameFor(link) {
      permit(link, "write", path);
      if (!link.has("files")) refuseExtras(link.node.name, request);
      if (request.folder && !link.info.features.includes(FOLDERS))
        throw lacking(link.node.name, "making folders");
      return fitting(writeFrame(id, request, link), link, path);
    },
    outcome(frame, node) {
      if (frame.type !== "write_result") return undefined;
      if (frame.status === "error") throw refusal("write", node, path, frame);
      return { callId: id, bytesWritten: frame.bytes_written, sha256: frame.sha256 ?? null };
    },
    failure(error, node) {
      // So a base client says that it cannot write nothing.
      if (content.length === 0 && !request.folder && error.reason === "bad_request")
        return lacking(node, "writing an empty file");
      return nodeError("write", node, error, `write ${path}`);
    },
  };
}

type WriteFrame = OutgoingServerFrames["write"];

function writeFrame(id: string, request: WriteRequest, link: CallLink): WriteFrame {
  const { path, content, mode, offset, mkdirs, fileMode, expectSha256, atomic } = request;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const frame: WriteFrame = {
    type: "write",
    id,
    path,
    content_b64: bytes.toString("base64"),
    ...(mode !== undefined && { mode }),
  };
  if (!link.has("files")) return frame;
  return {
    ...frame,
    ...(offset !== undefined && { offset }),
    ...(mkdirs !== undefined && { mkdirs }),
    ...(fileMode !== undefined && { file_mode: fileMode }),
    ...(expectSha256 !== undefined && { expect_sha256: expectSha256 }),
    ...(atomic !== undefined && { atomic }),
    ...(request.folder && { folder: true }),
  };
}

function refuseExtras(name: string, request: WriteRequest): void {
  const { offset, mkdirs, fileMode, expectSha256, atomic } = request;
  const asked = { offset, mkdirs, file_mode: fileMode, expect_sha256: expectSha256, atomic };
  const [first] = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (first !== undefined) throw lacking(name, first[0]);
}

const ENVELOPE_BYTES = 16 * 1024;

/** A message must fit into what clients take; under encryption it is larger by a third. */
function fitting(frame: WriteFrame, link: CallLink, path: string): WriteFrame {
  const growth = link.isSealed ? 4 / 3 : 1;
  const bytes = (frame.content_b64?.length ?? 0) * growth + ENVELOPE_BYTES;
  if (bytes <= NODE_LIMITS.messageBytes) return frame;
  const most = Math.floor(((NODE_LIMITS.messageBytes - ENVELOPE_BYTES) / growth) * 0.75);
  throw new AppError(
    "file_too_large",
    `The content for ${path} is larger than the ${most} bytes that one message to node ${link.node.name} holds`,
  );
}

function permit(link: CallLink, what: "read" | "write", path: string): void {
  const { node, has } = link;
  if (!node.grants[what])
    throw new AppError("not_granted", `Node ${node.name} is not granted ${what}`);
  permitPath(node, path);
  if (!has(what)) throw unoffered(link, what);
}

function refusal(
  kind: "read" | "write",
  node: string,
  path: string,
  {
    error,
    error_detail: detail,
  }: { readonly error: string; readonly error_detail?: string | undefined },
): AppError {
  const reason = (error === "io_error" && reasonIn(kind, detail)) || error;
  return nodeError(kind, node, { reason, detail }, `${kind} ${path}`);
}

/** Of clients that know no reason of its own for it: what their words say. */
function reasonIn(kind: "read" | "write", detail = ""): Reason | undefined {
  if (kind === "write" && detail.includes("already exists")) return "file_exists";
  return / is a folder( \(EISDIR\))?$/.test(detail) ? "is_folder" : undefined;
}
