import {
  decodeBase64,
  NODE_LIMITS,
  type OutgoingNodeFrame,
  type ServerFrames,
} from "@yardmaster/protocol/node";
import { type CarryOut, createOneAnswer } from "../calls/one-answer.ts";
import type { Memory, Remembered } from "../calls/remembered.ts";
import type { Outbox } from "../outbox.ts";
import type { Refusal } from "../refusal.ts";
import type { AuditNote, WorkDeps, WorkOptions } from "../work.types.ts";
import { FileRefusal, refusalOf } from "./file-refusal.ts";
import { makeFolder } from "./make-folder.ts";
import { createPathOrder } from "./path-order.ts";
import { placeOf } from "./place.ts";
import { type FileContent, readFileWithin } from "./read-file.ts";
import type { Walls } from "./roots.ts";
import { createRunningHashes } from "./running-hashes.ts";
import { type WriteFrame, type Written, writeWhole } from "./write-file.ts";
import { writeRange } from "./write-range.ts";

type ReadFrame = ServerFrames["read"];

export interface FileCalls {
  read(frame: ReadFrame): void;
  write(frame: WriteFrame): void;
  /** Calls that have not been answered. */
  running(): number;
  /** Resolves when every call has been answered. */
  ended(): Promise<void>;
}

export interface FileCallsDeps extends Pick<WorkDeps, "audit"> {
  readonly outbox: Outbox;
  readonly memory: Memory<Remembered>;
  readonly allow: WorkOptions["allow"];
  readonly walls: Walls;
}

/** At once; the rest waits for its turn. A whole file is 10 MiB, and as base64 14. */
const AT_ONCE = 8;
const WAITING_MOST = 256;

export function createFileCalls(deps: FileCallsDeps): FileCalls {
  const { outbox, memory, allow, walls } = deps;
  const hashes = createRunningHashes();
  const inOrder = createPathOrder();
  const waiting: (() => Promise<void>)[] = [];
  const idle: (() => void)[] = [];
  let running = 0;

  const next = (): void => {
    if (running >= AT_ONCE) return;
    const task = waiting.shift();
    if (task === undefined) return;
    running += 1;
    void task().finally(() => {
      running -= 1;
      next();
      if (running === 0) for (const tell of idle.splice(0)) tell();
    });
  };

  /** Carries out a call once. Its answer is remembered, but for a read's: that is read again. */
  const begin = (frame: ReadFrame | WriteFrame, answer: () => Promise<OutgoingNodeFrame>): void => {
    const known = memory.get(frame.id);
    if (known !== undefined) return known.goOn(0);
    const carryOut: CarryOut = (done) => {
      if (waiting.length >= WAITING_MOST) return done(refused(frame, TOO_MANY));
      waiting.push(async () => done(await answer()));
      next();
    };
    const call = createOneAnswer(frame.id, outbox, carryOut, frame.type === "read");
    memory.add(call);
    call.goOn(0);
  };

  /** Begins the two lines of a call in the audit; what it gives ends them. */
  const noted = ({ type: action, id: request_id, actor, path }: ReadFrame | WriteFrame) => {
    const note = (more: Pick<AuditNote, "phase" | "status" | "duration_ms">, error?: string) => {
      const details = { path, ...(error !== undefined && { error }) };
      const session_id = outbox.sessionId();
      deps.audit({ action, request_id, actor, session_id, ...more, details });
    };
    const startedMs = performance.now();
    note({ phase: "begin" });
    return (refusal?: Refusal): void => {
      const status = refusal === undefined ? "ok" : "error";
      const duration_ms = Math.round(performance.now() - startedMs);
      note({ phase: "end", status, duration_ms }, refusal?.reason);
    };
  };

  const refused = (frame: ReadFrame | WriteFrame, refusal: Refusal): OutgoingNodeFrame => {
    noted(frame)(refusal);
    return refusedAnswer(frame, refusal);
  };

  const audited = async (
    frame: ReadFrame | WriteFrame,
    act: () => Promise<OutgoingNodeFrame>,
  ): Promise<OutgoingNodeFrame> => {
    const ended = noted(frame);
    try {
      if (!allow[frame.type]) throw withheld(frame);
      const answer = await act();
      ended();
      return answer;
    } catch (error) {
      const refusal = refusalOf(error, frame.path);
      ended(refusal);
      return refusedAnswer(frame, refusal);
    }
  };

  const write = async (frame: WriteFrame, content: Buffer): Promise<Written> => {
    const { path, offset, mkdirs } = frame;
    if (frame.folder === true) {
      await makeFolder(frame, walls);
      return { bytesWritten: 0, sha256: undefined };
    }
    const place = await placeOf(path, walls, mkdirs === true);
    try {
      if (offset === undefined) return await writeWhole(place, frame, content);
      return await writeRange(place, frame, offset, content, hashes);
    } finally {
      await place.close();
    }
  };

  return {
    running: () => running + waiting.length,
    ended: () =>
      new Promise((resolve) => {
        if (running === 0) resolve();
        else idle.push(resolve);
      }),
    read(frame) {
      begin(frame, () =>
        audited(frame, async () => {
          const content = await readFileWithin(frame.path, frame, walls, hashes);
          return readAnswer(frame, content, outbox.has("files"));
        }),
      );
    },
    write(frame) {
      begin(frame, () =>
        audited(frame, async () => {
          const content = contentOf(frame, outbox.has("files"));
          const written = await inOrder(frame.path, () => write(frame, content));
          return writeAnswer(frame, written, outbox.has("files"));
        }),
      );
    },
  };
}

const TOO_MANY: Refusal = {
  reason: "busy",
  detail: `${WAITING_MOST} file calls wait on the node: try again later`,
};

function withheld({ type, path }: ReadFrame | WriteFrame): FileRefusal {
  const detail = `${path}: the node's owner does not allow to ${type} files`;
  return new FileRefusal("path_not_allowed", detail);
}

function contentOf(frame: WriteFrame, hasFiles: boolean): Buffer {
  const content = decodeBase64(frame.content_b64);
  if (content === undefined) throw new FileRefusal("bad_request", "content_b64 is no base64");
  if (content.length === 0 && !hasFiles)
    throw new FileRefusal("bad_request", "content_b64 missing");
  const most = frame.offset === undefined ? NODE_LIMITS.fileBytes : NODE_LIMITS.rangeBytes;
  if (content.length > most) {
    const detail = `the content for ${frame.path} is larger than ${most} bytes: write it in ranges of 1 MiB`;
    throw new FileRefusal("file_too_large", detail);
  }
  return content;
}

function readAnswer(
  { id }: ReadFrame,
  { content, sizeBytes, isEnd, sha256, mode, mtime }: FileContent,
  hasFiles: boolean,
): OutgoingNodeFrame {
  return {
    type: "read_result",
    id,
    status: "ok",
    content_b64: content.toString("base64"),
    size_bytes: sizeBytes,
    ...(hasFiles && {
      eof: isEnd,
      mode,
      mtime: mtime.toISOString(),
      ...(sha256 !== undefined && { sha256 }),
    }),
  };
}

function writeAnswer(
  { id }: WriteFrame,
  { bytesWritten, sha256 }: Written,
  hasFiles: boolean,
): OutgoingNodeFrame {
  return {
    type: "write_result",
    id,
    status: "ok",
    bytes_written: bytesWritten,
    ...(hasFiles && sha256 !== undefined && { sha256 }),
  };
}

function refusedAnswer(
  { type, id }: ReadFrame | WriteFrame,
  { reason, detail }: Refusal,
): OutgoingNodeFrame {
  const refused = { id, status: "error", error: reason, error_detail: detail } as const;
  return type === "read"
    ? { type: "read_result", ...refused }
    : { type: "write_result", ...refused };
}
