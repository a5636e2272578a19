import { StringDecoder } from "node:string_decoder";
import { describeBytes } from "../limits.ts";
import type { OutputPipe } from "../process/start.ts";
import type { AttemptContext } from "../runner.ts";

export interface CaptureOptions {
  readonly stream: "stdout" | "stderr";
  readonly onLog: AttemptContext["onLog"];
  readonly now: () => number;
  /** Logged at most; the rest is read and dropped. */
  readonly logLimitBytes: number;
  /** Kept as bytes for the output; 0 keeps nothing. */
  readonly keepLimitBytes: number;
  /** Given all that comes, as it comes. */
  readonly onBytes?: (chunk: Buffer) => void;
  /** The last bytes, kept for error messages even beyond the limits; 0 keeps nothing. */
  readonly tailBytes: number;
}

/** One stream of a child, read as it comes: live to the log, bounded in memory. */
export interface Capture {
  /** All that came. */
  bytes(): number;
  /** Whether the log was cut. */
  cut(): boolean;
  /** The kept bytes, and whether they are all that came. */
  kept(): { readonly bytes: Buffer; readonly whole: boolean };
  tail(): string;
  /** Reads on whatever the log says: the process has ended, what its pipe holds is bounded. */
  hurry(): void;
  /** Gives what an unfinished character left behind to the log. No more is read after it. */
  end(): void;
}

export function capture(source: OutputPipe, options: CaptureOptions): Capture {
  const { stream, onLog, onBytes, now, logLimitBytes, keepLimitBytes, tailBytes } = options;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let keptBytes = 0;
  let cut = false;
  let hurried = false;
  let tail: Buffer | undefined;
  let decoder: StringDecoder | undefined; // Most processes print nothing on one of the two.

  const log = (text: string) => {
    if (text === "") return;
    const busy = onLog({ stream, text: storable(text), at: now() });
    if (!busy || hurried) return;
    source.pause();
    const goOn = () => void source.resume();
    busy.then(goOn, goOn);
  };

  const logWithinLimit = (chunk: Buffer, room: number) => {
    decoder ??= new StringDecoder("utf8");
    if (chunk.length <= room) return log(decoder.write(chunk));
    cut = true;
    log(decoder.write(chunk.subarray(0, room)));
    log(
      `\n[yard] ${stream} is cut here: only ${describeBytes(logLimitBytes)} are kept (YARD_MAX_LOG).\n`,
    );
  };

  source.on("data", (chunk: Buffer) => {
    const room = logLimitBytes - bytes;
    bytes += chunk.length;
    onBytes?.(chunk);
    if (!cut) logWithinLimit(chunk, room);
    if (keptBytes < keepLimitBytes) {
      const part = chunk.subarray(0, keepLimitBytes - keptBytes);
      chunks.push(part);
      keptBytes += part.length;
    }
    if (tailBytes > 0) tail = lastBytes(tail, chunk, tailBytes);
  });
  source.on("error", () => {}); // A broken pipe is an ended pipe; unheard, it would end the worker.

  return {
    bytes: () => bytes,
    cut: () => cut,
    kept: () => ({ bytes: Buffer.concat(chunks), whole: keptBytes === bytes }),
    tail: () => (tail === undefined ? "" : storable(tail.toString("utf8"))),
    hurry: () => {
      hurried = true;
      source.resume();
    },
    end: () => {
      hurried = true;
      source.destroy();
      if (decoder && !cut) log(decoder.end());
    },
  };
}

/** PostgreSQL refuses NUL in text; bytes that are no UTF-8 (lone surrogates too) became U+FFFD in decoding. */
export function storable(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}

function lastBytes(before: Buffer | undefined, chunk: Buffer, count: number): Buffer {
  if (chunk.length >= count) return chunk.subarray(-count);
  if (before === undefined) return chunk;
  return Buffer.concat([before, chunk]).subarray(-count);
}
