import { AppError } from "@yardmaster/protocol/core";
import { createSseParser, type SseEvent } from "./sse-parser.ts";

/** What a connection says beside its events. */
export interface ConnectionNotes {
  /** The wait before a reconnect that the server asks for. */
  onRetry(retryMs: number): void;
  /** The id to resume from, once the events of a piece have been read. */
  onId(id: string): void;
}

/**
 * The events of one answer, until it ends. Throws AppError unavailable when nothing came for `silenceMs`, not even
 * a comment, and what the body throws when it breaks.
 */
export async function* readEvents(
  response: Response,
  silenceMs: number,
  notes: ConnectionNotes,
): AsyncGenerator<SseEvent, void, undefined> {
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || !type.startsWith("text/event-stream")) {
    throw new AppError(
      "not_found",
      `${response.url} is no event stream (its content type is "${type}")`,
    );
  }
  const parser = createSseParser();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read(), silenceMs);
      if (done) return;
      const events = parser.push(decoder.decode(value, { stream: true }));
      if (parser.retryMs !== undefined) notes.onRetry(parser.retryMs);
      yield* events;
      // Behind the events: while they are being read, the place to resume from is theirs.
      if (parser.lastId !== "") notes.onId(parser.lastId);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function withinSilence<T>(read: Promise<T>, silenceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, fail) => {
    timer = setTimeout(
      () => fail(new AppError("unavailable", "The stream has gone silent")),
      silenceMs,
    );
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}
