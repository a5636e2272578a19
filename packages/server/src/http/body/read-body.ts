import type { IncomingMessage } from "node:http";
import { AppError } from "@yardmaster/protocol";
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import type { BodyRoom, BodyShare } from "./body-room.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What its body takes, for the handler to take over. */
    bodyShare: BodyShare | undefined;
  }
}

type Done = (error: Error | null, body?: Buffer) => void;

/** Reads the body of a request, bytes for all: a route's description says how they are read. */
export function createBodyReader(openShare: BodyRoom) {
  return (request: FastifyRequest, payload: IncomingMessage, done: Done): void => {
    const mostBytes = request.routeOptions.bodyLimit;
    if (Number(request.raw.headers["content-length"]) > mostBytes) return done(tooLarge(request));
    const share = openShare(request.principal === undefined);
    const pieces: Buffer[] = [];
    let bytes = 0;

    function settle(error: Error | undefined): void {
      payload.off("data", onData).off("end", onEnd).off("error", onError);
      if (error !== undefined) {
        share.free();
        return done(error);
      }
      request.bodyShare = share;
      done(null, Buffer.concat(pieces, bytes));
      // Handlers are called at once; there is none where the client has gone away, nor for a path that is not there.
      request.bodyShare?.free();
    }

    function onData(piece: Buffer): void {
      bytes += piece.length;
      if (bytes > mostBytes) settle(tooLarge(request));
      else if (share.add(piece.length)) pieces.push(piece);
      else settle(new AppError("unavailable", NO_ROOM));
    }

    const onEnd = () => settle(undefined);
    const onError = () =>
      settle(new AppError("invalid_request", "The connection ended within the body"));
    payload.on("data", onData).on("end", onEnd).on("error", onError);
  };
}

/** Frees what the body takes when its request is carried out, however early the client has gone away. */
export function freeingBody(
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): RouteHandlerMethod {
  return (request, reply) => {
    const { bodyShare } = request;
    if (bodyShare === undefined) return handler(request, reply);
    request.bodyShare = undefined;
    return handler(request, reply).finally(bodyShare.free);
  };
}

const NO_ROOM = "The server holds as much of requests as it may at the moment; try again";

function tooLarge({ routeOptions: { bodyLimit, config } }: FastifyRequest): AppError {
  const of = config.bodySetting === undefined ? "" : `; ${config.bodySetting} sets it`;
  const limit = `${bodyLimit} bytes (${bodyLimit / 2 ** 20} MiB)`;
  return new AppError("too_large", `The body is larger than the limit of ${limit}${of}`);
}
