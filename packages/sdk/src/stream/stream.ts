import { AppError, type JsonObject } from "@yardmaster/protocol/core";
import { pause } from "../transport/pause.ts";
import {
  isRefusal,
  retryDelayMs,
  STREAM_SETTINGS,
  type StreamSettings,
} from "../transport/retry.ts";
import type { QueryValue, Transport } from "../transport/transport.ts";
import { readEvents } from "./stream-connection.ts";

/**
 * One message of the live stream: a change (protocol's FeedChange), or one of these:
 * - `ready`: connected; whatever changes from now on will come.
 * - `gap`: changes were missed, since the cursor is too old or of another database; read anew what matters.
 * - `cut`: the server closes this connection and says why; the stream goes on over a new one.
 */
export interface StreamMessage {
  /** Cursor; a later stream goes on behind it when given as `after`. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
}

export interface StreamOptions {
  /** Cursor to go on behind; without it the stream begins with what changes from now on. */
  readonly after?: string | undefined;
  /** Told when the server has taken the stream on, the first time and after each break. */
  readonly onOpen?: () => void;
  /** Told of each break of a stream that had begun; it comes back by itself after `retryMs`. */
  readonly onBreak?: (error: unknown, retryMs: number) => void;
  /** Ends the stream; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Server-sent events that outlive their connection: after a break it asks again with `Last-Event-ID`, waiting longer
 * after each failure. The first connection must succeed, and a refusal (no token, no such path) is thrown at any
 * time. Ends when the reader leaves; an abort of `signal` is thrown as its reason.
 */
export async function* openStream(
  transport: Transport,
  request: { readonly path: string; readonly query?: Readonly<Record<string, QueryValue>> },
  options: StreamOptions,
  settings: StreamSettings = STREAM_SETTINGS,
): AsyncGenerator<StreamMessage, void, undefined> {
  const { signal } = options;
  let after = options.after;
  let firstRetryMs = settings.firstRetryMs;
  let hasBegun = false;
  const notes = {
    onRetry: (retryMs: number) => {
      firstRetryMs = retryMs;
    },
    onId: (id: string) => {
      after = id;
    },
  };
  for (let failures = 0; ; failures++) {
    let broken: unknown = new AppError("unavailable", "The server ended the stream");
    try {
      const headers = { accept: "text/event-stream", "last-event-id": after || undefined };
      const response = await transport.open({ ...request, headers, signal });
      hasBegun = true;
      options.onOpen?.();
      for await (const event of readEvents(response, settings.silenceMs, notes)) {
        failures = 0;
        after = event.id || after;
        yield { id: event.id, type: event.event, data: JSON.parse(event.data) as JsonObject };
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!hasBegun || isRefusal(error)) throw error;
      broken = error;
    }
    const retryMs = retryDelayMs(failures, { ...settings, firstRetryMs });
    options.onBreak?.(broken, retryMs);
    await pause(retryMs, signal);
  }
}
