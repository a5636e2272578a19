import type { FastifyReply } from "fastify";
import type { RouteReply } from "./route.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** What every answer has: its id, and that a browser must not take it for anything else than its type says. */
export function answerHeaders(requestId: string): Record<string, string> {
  return { "x-request-id": requestId, "x-content-type-options": "nosniff" };
}

/** What the buffers of a connection take at once as a rule. */
const LARGE_BYTES = 64 * 1024;

/**
 * Sends what a handler answered, unless it is a stream. A client that reads nothing of a large answer for `stallMs` is
 * cut: the answer would stay in memory for as long as its connection.
 */
export function sendReply(reply: FastifyReply, answer: RouteReply, stallMs: number): FastifyReply {
  const { headers } = answer;
  if (headers !== undefined) for (const name in headers) reply.header(name, headers[name]);
  if (answer.bytes !== undefined) cutAtStall(reply, answer.bytes.length, stallMs);
  if (answer.bytes !== undefined) return reply.code(answer.status ?? 200).send(answer.bytes);
  const text = answer.text ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body));
  if (text === undefined) return reply.code(answer.status ?? 204).send();
  if (headers?.["content-type"] === undefined) reply.header("content-type", JSON_TYPE);
  cutAtStall(reply, text.length, stallMs);
  return reply.code(answer.status ?? 200).send(text);
}

/** Node looks at what is left to write: whoever reads slowly stays. */
function cutAtStall({ raw }: FastifyReply, length: number, stallMs: number): void {
  if (length <= LARGE_BYTES) return;
  raw.setTimeout(stallMs, () => raw.destroy());
  // Before Node's own listener: it gives the connection that of its idle time. An answer behind this one has none.
  raw.prependOnceListener("finish", () => raw.socket?.setTimeout(0));
}
