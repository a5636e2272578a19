import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { RouteReply } from "./route.ts";
import { type StreamLimits, sendStream } from "./stream.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** Sends what a handler answered, unless it is a stream. */
export function sendReply(reply: FastifyReply, answer: RouteReply): FastifyReply {
  const { headers } = answer;
  if (headers !== undefined) for (const name in headers) reply.header(name, headers[name]);
  if (answer.bytes !== undefined) return reply.code(answer.status ?? 200).send(answer.bytes);
  const text = answer.text ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body));
  if (text === undefined) return reply.code(answer.status ?? 204).send();
  if (headers?.["content-type"] === undefined) reply.header("content-type", JSON_TYPE);
  return reply.code(answer.status ?? 200).send(text);
}

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
  response.writeHead(answer.status ?? 200, {
    ...(reply.getHeaders() as Record<string, string>),
    ...answer.headers,
    "content-type": answer.stream.contentType,
    "cache-control": "no-store",
    // What ends when the server stops must not leave an idle connection behind.
    connection: "close",
    // Proxies that buffer would hold a live stream back.
    "x-accel-buffering": "no",
  });
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
