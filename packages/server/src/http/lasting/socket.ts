import { isAppError, STREAM_CLOSE } from "@yardmaster/protocol";
import type { FastifyReply } from "fastify";
import type { WebSocket } from "ws";
import type { ReplySocket } from "../route.ts";
import type { StreamLimits } from "./stream.ts";

/** What the reason of a close may have; what was cut within a character grows by two bytes. */
const REASON_BYTES = 120;

export interface SendSocketOptions {
  /** The socket of the request; undefined where none could be made. */
  readonly accept: () => Promise<WebSocket | undefined>;
  /** Aborts when the client goes away or the server stops. */
  readonly signalOf: (socket: WebSocket) => AbortSignal;
  /** Aborts when the token is not valid any more; undefined where none was needed. */
  readonly ending: AbortSignal | undefined;
  readonly limits: StreamLimits;
  readonly onError: (error: unknown) => void;
}

/** Takes the request over from fastify, and sends the messages of an answer over its socket. */
export async function sendSocketReply(
  reply: FastifyReply,
  answer: ReplySocket,
  { accept, signalOf, ending, limits, onError }: SendSocketOptions,
): Promise<void> {
  reply.hijack();
  const socket = await accept();
  if (socket === undefined) return;
  const own = signalOf(socket);
  const signal = ending === undefined ? own : AbortSignal.any([own, ending]);
  await sendMessages(socket, answer, { signal, limits, onError });
}

/**
 * Sends messages as fast as the client reads them; at most one waits in memory beyond the socket's buffer. A client
 * that reads nothing for `stallMs` gets the last words and is closed, one that is silent to pings is cut.
 */
async function sendMessages(
  socket: WebSocket,
  { messages, lastWords }: ReplySocket,
  {
    signal,
    limits,
    onError,
  }: Pick<SendSocketOptions, "limits" | "onError"> & { readonly signal: AbortSignal },
): Promise<void> {
  keepAlive(socket, limits);
  const cut = (): void => terminateWithin(socket, limits.farewellMs);
  if (signal.aborted) cut();
  else signal.addEventListener("abort", cut, { once: true });
  const close = (code: number, reason: string): void => {
    cut();
    socket.close(code, Buffer.from(reason).subarray(0, REASON_BYTES).toString());
  };
  try {
    for await (const message of messages(signal)) {
      if (await taken(socket, message, limits.stallMs)) continue;
      if (lastWords !== undefined) socket.send(lastWords(), () => undefined);
      return close(STREAM_CLOSE.not_read, "what was sent was not read in time");
    }
    close(...whyEnded(signal));
  } catch (error) {
    onError(error);
    close(STREAM_CLOSE.broken, "something broke inside");
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

/** False when the system has not taken it in time; true also when the socket is gone, which the signal tells. */
function taken(socket: WebSocket, message: string, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs, false);
    socket.send(message, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function whyEnded({ aborted, reason }: AbortSignal): [code: number, reason: string] {
  if (!aborted) return [STREAM_CLOSE.again, "connect again in a moment"];
  if (!isAppError(reason)) return [STREAM_CLOSE.stopping, "the server is stopping"];
  const { code, message } = reason;
  return [code === "forbidden" ? STREAM_CLOSE.forbidden : STREAM_CLOSE.unauthorized, message];
}

function keepAlive(socket: WebSocket, { pingMs, silentMs }: StreamLimits): void {
  let heardAtMs = performance.now();
  const heard = (): void => {
    heardAtMs = performance.now();
  };
  for (const sign of ["pong", "ping", "message"] as const) socket.on(sign, heard);
  const timer = setInterval(() => {
    if (performance.now() - heardAtMs >= silentMs) socket.terminate();
    else socket.ping(undefined, undefined, () => undefined);
  }, pingMs).unref();
  socket.once("close", () => clearInterval(timer));
}

function terminateWithin(socket: WebSocket, withinMs: number): void {
  const timer = setTimeout(() => socket.terminate(), withinMs);
  socket.once("close", () => clearTimeout(timer));
}
