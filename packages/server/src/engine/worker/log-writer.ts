import type { Pool } from "pg";
import { retryOnConnectionLoss } from "../../db/index.ts";
import type { LogChunk } from "../../runners/index.ts";
import { attemptKey } from "../attempt-row.ts";
import type { Assignment } from "./assignment.ts";
import { insertLateLine, insertLogSegments } from "./logs.store.ts";

const FLUSH_EVERY_MS = 200;
const SEGMENT_CHARS = 64 * 1024;
/** What waits to be stored before readers of pipes are held back. */
const MAX_WAITING_CHARS = 8 * 1024 * 1024;

interface Segment {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly seq: number;
  readonly stream: LogChunk["stream"];
  readonly at: Date;
  text: string;
}

/** An attempt that has printed something and has not ended. */
interface Writing {
  seq: number;
  /** When the streams were last written whose last line has no end yet. */
  readonly open: Map<LogChunk["stream"], LogChunk["at"]>;
}

/**
 * Stores what attempts print, in segments of up to 64 KB, all attempts of this process in one statement at a time.
 * A chunk joins the last waiting segment of its stream; an attempt's end waits until its log is stored, and ends the
 * lines that it left open: who reads a log of several steps line by line could not print them before its very end.
 */
export function createLogWriter(
  pool: Pool,
  onError: (error: unknown, what: string) => void,
  givenUp?: AbortSignal,
) {
  const writings = new Map<string, Writing>();
  let waiting: Segment[] = [];
  let waitingChars = 0;
  let storing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lateLines: Promise<unknown> = Promise.resolve();

  function append(assignment: Assignment, chunk: LogChunk): Promise<void> | undefined {
    const writing = writingOf(assignment);
    if (chunk.text.endsWith("\n")) writing.open.delete(chunk.stream);
    else writing.open.set(chunk.stream, chunk.at);
    const last = waiting.at(-1);
    if (last !== undefined && sameStream(last, assignment, chunk)) last.text += chunk.text;
    else waiting.push(segment(assignment, chunk, ++writing.seq));
    waitingChars += chunk.text.length;
    timer ??= setTimeout(() => void store(), FLUSH_EVERY_MS);
    return waitingChars > MAX_WAITING_CHARS ? store() : undefined;
  }

  function writingOf(assignment: Assignment): Writing {
    const key = attemptKey(assignment);
    const known = writings.get(key);
    if (known !== undefined) return known;
    const writing: Writing = { seq: 0, open: new Map() };
    writings.set(key, writing);
    return writing;
  }

  /** All that waits: whoever asks before it is taken is answered with it. */
  function store(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    next ??= storeNext();
    return next;
  }

  async function storeNext(): Promise<void> {
    await storing;
    next = undefined;
    if (waiting.length === 0) return;
    const segments = waiting;
    waiting = [];
    waitingChars = 0;
    // They wait for PostgreSQL as results do: the insert passes by what is there already.
    storing = retryOnConnectionLoss(() => insertLogSegments(pool, segments), {
      signal: givenUp,
    }).catch((error: unknown) =>
      onError(error, `${segments.length} log segments could not be stored`),
    );
    await storing;
  }

  return {
    append,
    /** Undefined when the attempt printed nothing; else resolves when its log is stored. */
    flush(assignment: Assignment): Promise<void> | undefined {
      const writing = writings.get(attemptKey(assignment));
      if (writing === undefined) return undefined;
      // All of it is stored below.
      for (const [stream, at] of writing.open) void append(assignment, { stream, at, text: "\n" });
      writings.delete(attemptKey(assignment));
      return store();
    },
    /** Behind the stored log of an attempt that has ended. */
    late({ runId, slot, number }: Assignment, { stream, at, text }: LogChunk): void {
      const line = { runId, slot, number, stream, at: new Date(at), text };
      lateLines = lateLines
        .then(() => retryOnConnectionLoss(() => insertLateLine(pool, line), { signal: givenUp }))
        .catch((error: unknown) => onError(error, "a late line of a log could not be stored"));
    },
    async close(): Promise<void> {
      await store();
      await lateLines;
    },
  };
}

function sameStream(last: Segment, { runId, slot, number }: Assignment, chunk: LogChunk): boolean {
  if (last.runId !== runId || last.slot !== slot || last.number !== number) return false;
  return last.stream === chunk.stream && last.text.length + chunk.text.length <= SEGMENT_CHARS;
}

function segment({ runId, slot, number }: Assignment, chunk: LogChunk, seq: number): Segment {
  return {
    runId,
    slot,
    number,
    seq,
    stream: chunk.stream,
    at: new Date(chunk.at),
    text: chunk.text,
  };
}
