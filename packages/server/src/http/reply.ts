import type { FastifyReply } from "fastify";
import type { RouteReply } from "./route.ts";

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
