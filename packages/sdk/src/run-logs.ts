import type { LogCut, LogLine } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import { readLines } from "./json-lines.ts";
import { pause } from "./pause.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "./retry.ts";
import type { Transport } from "./transport.ts";

interface FollowOptions {
  readonly step: string | undefined;
  readonly after: string | undefined;
  readonly tail: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lines as they are written, until the run has ended. A broken connection is made again and goes on behind the last
 * whole line; so is one that a server cut since it stops. A token that is not valid any more is thrown.
 */
export async function* followLogs(
  transport: Transport,
  path: string,
  { step, after, tail, signal }: FollowOptions,
): AsyncGenerator<LogLine, void, undefined> {
  let cursor = after;
  let hasBegun = false;
  for (let failures = 0; ; failures++) {
    try {
      const headers = { accept: "application/x-ndjson, application/json" };
      const response = await transport.open({
        path,
        query: { follow: true, step, tail, cursor },
        headers,
        signal,
      });
      hasBegun = true;
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
    }
    await pause(retryDelayMs(failures, STREAM_SETTINGS), signal);
  }
}
