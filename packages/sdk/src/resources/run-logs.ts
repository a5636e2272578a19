import type { LogCut, LogLine } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { readLines } from "../transport/json-lines.ts";
import { pause } from "../transport/pause.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "../transport/retry.ts";
import type { Transport } from "../transport/transport.ts";

/** What becomes of the connection of a log that is followed. */
export interface LogConnection {
  /** Told once the server could not be reached again after a break; it is tried again and again. */
  readonly onAway?: (() => void) | undefined;
  /** Told when it has answered after that. */
  readonly onBack?: (() => void) | undefined;
}

interface FollowOptions extends LogConnection {
  readonly step: string | undefined;
  readonly after: string | undefined;
  readonly tail: number | undefined;
  readonly raw: boolean | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lines as they are written, until the run has ended. A broken connection is made again and goes on behind the last
 * whole line; so is one that a server cut since it stops. A token that is not valid any more is thrown.
 */
export async function* followLogs(
  transport: Transport,
  path: string,
  { step, after, tail, raw, signal, onAway, onBack }: FollowOptions,
): AsyncGenerator<LogLine, void, undefined> {
  let cursor = after;
  let hasBegun = false;
  let isAway = false;
  for (let failures = 0; ; failures++) {
    let isOpen = false;
    try {
      const headers = { accept: "application/x-ndjson, application/json" };
      const response = await transport.open({
        path,
        query: { follow: true, step, tail, raw, cursor },
        headers,
        signal,
      });
      [hasBegun, isOpen] = [true, true];
      if (isAway) onBack?.();
      isAway = false;
      for await (const text of readLines(response)) {
        failures = 0;
        const line = JSON.parse(text) as LogLine | LogCut;
        if ("type" in line) throw new AppError(line.code, line.reason);
        cursor = line.cursor;
        yield line;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!hasBegun || isRefusal(error)) throw error;
      if (!isOpen && !isAway) onAway?.();
      isAway ||= !isOpen;
    }
    await pause(retryDelayMs(failures, STREAM_SETTINGS), signal);
  }
}
