import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { RouteReply } from "../route.ts";
import { type StreamLimits, sendStream } from "./stream.ts";

export interface SendStreamOptions {
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  /** Aborts when the token is not valid any more; undefined where none was needed. */
  readonly ending: AbortSignal | undefined;
  readonly limits: StreamLimits;
  readonly onError: (error: unknown) => void;
}

/** Takes the response over from fastify and sends the stream of an answer; errors end the connection. */
export async function sendStreamReply(
  reply: FastifyReply,
  answer: RouteReply & { readonly stream: NonNullable<RouteReply["stream"]> },
  { signal, ending, limits, onError }: SendStreamOptions,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  closeBehind(response, signal);
  response.writeHead(answer.status ?? 200, {
    ...(reply.getHeaders() as Record<string, string>),
    ...answer.headers,
    "content-type": answer.stream.contentType,
    "cache-control": "no-store",
    // Proxies that buffer would hold a live stream back.
    "x-accel-buffering": "no",
  });
  if (reply.request.method === "HEAD") {
    response.end();
    return;
  }
  const cut = cutWithin(response, limits.farewellMs, ending);
  try {
    const either = ending === undefined ? signal : AbortSignal.any([signal, ending]);
    await sendStream(response, answer.stream, { signal: either, limits });
  } catch (error) {
    if (!response.destroyed) onError(error);
    response.destroy();
  } finally {
    ending?.removeEventListener("abort", cut);
  }
}

/**
 * What ends when the server stops must not leave an idle connection behind. It is closed without a word before: of an
 * answer with `Connection: close`, Node's own fetch takes any end of the connection for the end of the answer.
 */
function closeBehind(response: ServerResponse, signal: AbortSignal): void {
  const { socket } = response;
  response.once("close", () => {
    if (signal.aborted) socket?.destroySoon();
  });
}

/** A stream that does not end by itself when its token is not valid any more is cut. */
function cutWithin(
  response: ServerResponse,
  withinMs: number,
  ending: AbortSignal | undefined,
): () => void {
  const cut = (): void => {
    const timer = setTimeout(() => response.destroy(), withinMs).unref();
    response.once("close", () => clearTimeout(timer));
  };
  ending?.addEventListener("abort", cut, { once: true });
  return cut;
}
