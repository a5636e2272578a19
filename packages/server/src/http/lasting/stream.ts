import type { ServerResponse } from "node:http";
import type { ReplyStream } from "../route.ts";

export interface StreamLimits {
  /** How long a client may leave what was sent unread before it is cut. */
  readonly stallMs: number;
  /** How long it then has to read what was sent, and a stream to end whose token is not valid any more. */
  readonly farewellMs: number;
  /** The token behind a stream is looked up again so often. */
  readonly tokenCheckMs: number;
  /** A WebSocket is pinged so often, and cut when nothing came from it for `silentMs`. */
  readonly pingMs: number;
  readonly silentMs: number;
}

/** Revocations are told to end streams within two seconds; the cache of tokens forgets a little sooner than it is asked. */
export const STREAM_LIMITS: StreamLimits = {
  stallMs: 30_000,
  farewellMs: 5_000,
  tokenCheckMs: 1_900,
  pingMs: 15_000,
  silentMs: 60_000,
};

/**
 * Sends chunks as fast as the client reads them; at most one waits in memory beyond the socket's buffer. A client
 * that reads nothing for `stallMs` gets the stream's last words and is cut.
 */
export async function sendStream(
  response: ServerResponse,
  stream: ReplyStream,
  { signal, limits }: { readonly signal: AbortSignal; readonly limits: StreamLimits },
): Promise<void> {
  response.flushHeaders();
  const stallMs = stream.stallMs === undefined ? limits.stallMs : stream.stallMs;
  for await (const chunk of stream.chunks(signal)) {
    if (response.destroyed) return;
    if (response.write(chunk) || (await drained(response, stallMs))) continue;
    endWithin(response, limits.farewellMs, stream.lastWords?.());
    return;
  }
  endWithin(response, limits.farewellMs);
}

/** Resolves true when the socket took what was written, false when it did not in time; true also when it is gone. */
function drained(response: ServerResponse, withinMs: number | null): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answer: boolean) => () => {
      clearTimeout(timer);
      response.off("drain", onDrain);
      response.off("close", onDrain);
      resolve(answer);
    };
    const onDrain = settle(true);
    const timer = withinMs === null ? undefined : setTimeout(settle(false), withinMs);
    response.once("drain", onDrain);
    response.once("close", onDrain);
  });
}

function endWithin(response: ServerResponse, withinMs: number, lastWords?: string): void {
  const timer = setTimeout(() => response.destroy(), withinMs);
  response.once("close", () => clearTimeout(timer));
  if (lastWords === undefined) response.end();
  else response.end(lastWords);
}
