import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { serve } from "../http/http.fixture.ts";
import { answer } from "./tools.fixture.mjs";

type Say = (message: JsonObject) => void;

/** Answers one message in another way than the server would; false: as the server would. */
export type Instead = (
  message: JsonObject,
  response: ServerResponse,
  request: IncomingMessage,
) => boolean;

/** The server of the tests at an address: with a session, as JSON or as a stream of events. */
export async function serveTools(as: "json" | "events" = "json", instead: Instead = () => false) {
  const server = await serve((request, response) => {
    const body = server.asked.at(-1)?.body ?? "";
    const message: unknown = body === "" ? {} : JSON.parse(body);
    if (!isJsonObject(message as never)) throw new Error("no message");
    const given = message as JsonObject;
    if (instead(given, response, request)) return;
    if (request.method !== "POST") return void response.writeHead(405).end();
    if (given["id"] === undefined || given["method"] === undefined)
      return void response.writeHead(202).end();
    const session = given["method"] === "initialize" ? { "mcp-session-id": "session-1" } : {};
    const type = as === "json" ? "application/json" : "text/event-stream; charset=utf-8";
    response.writeHead(200, { "content-type": type, ...session });
    const say: Say = (said) => {
      if (as === "json" && said["method"] === undefined) response.end(JSON.stringify(said));
      if (as === "events")
        response.write(`event: message\r\ndata: ${JSON.stringify(said)}\r\n\r\n`);
    };
    answer(given, say);
  });
  const messages = () =>
    server.asked.filter(({ body }) => body !== "").map(({ body }) => JSON.parse(body));
  return { ...server, url: `${server.origin}/mcp`, messages };
}
