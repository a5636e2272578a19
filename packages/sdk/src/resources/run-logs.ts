import type { LogCut, LogLine, Run } from "@yardmaster/protocol";
import { AppError, isFinal } from "@yardmaster/protocol/core";
import type { AwayNotes } from "../transport/away-notes.ts";
import { readLines } from "../transport/json-lines.ts";
import { listPages } from "../transport/pages.ts";
import { pause } from "../transport/pause.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "../transport/retry.ts";
import type { Transport } from "../transport/transport.ts";

interface FollowOptions extends AwayNotes {
  readonly step: string | undefined;
  readonly after: string | undefined;
  readonly tail: number | undefined;
  readonly raw: boolean | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lines as they are written, until the run has ended. A broken connection is made again and goes on behind the last
 * whole line; so is one that a server cut since it stops. A token that is not valid any more is thrown.
 *
 * That an answer ended does not say that it was whole: a proxy that speaks HTTP/1.0 to the server, or a `fetch`, may
 * take a server that died for one that was done. So the run is asked, and what is left is read in pages.
 */
export async function* followLogs(
  transport: Transport,
  runPath: string,
  { step, after, tail, raw, signal, onAway, onBack }: FollowOptions,
): AsyncGenerator<LogLine, void, undefined> {
  const path = `${runPath}/logs`;
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
      const { status } = await transport.json<Run>({ path: runPath, signal });
      if (isFinal(status)) {
        const left = listPages<LogLine>(transport, path, { ...{ step, tail }, signal }, cursor);
        for await (const line of left) {
          cursor = line.cursor;
          yield line;
        }
        return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!hasBegun || isRefusal(error)) throw error;
      if (!isOpen && !isAway) onAway?.();
      isAway ||= !isOpen;
    }
    await pause(retryDelayMs(failures, STREAM_SETTINGS), signal);
  }
}
