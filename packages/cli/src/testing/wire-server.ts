import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface WireRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export interface WireAnswer {
  readonly status?: number;
  readonly json: unknown;
}

/** An answer, or what makes one; without one it has written to the response itself. */
export type WireRoute =
  | WireAnswer
  | ((request: WireRequest, response: ServerResponse) => WireAnswer | undefined);

export interface WireServer {
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly requests: readonly WireRequest[];
}

/**
 * A real HTTP server that answers by `METHOD /path` (without the query) for one test; what it has no route for is
 * `not_found` as the API says it.
 */
export async function startWireServer(
  routes: Readonly<Record<string, WireRoute>>,
): Promise<WireServer> {
  const requests: WireRequest[] = [];
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((body) => {
      const request = {
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: incoming.headers,
        body,
      };
      requests.push(request);
      const route =
        routes[`${request.method} ${request.path.split("?")[0]}`] ??
        wireProblem(404, "not_found", "Not here");
      const answer = typeof route === "function" ? route(request, response) : route;
      if (answer === undefined) return;
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer.json));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(
    () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, env: { YARD_URL: url, YARD_TOKEN: "t0ken" } };
}

export function wireProblem(
  status: number,
  code: string,
  detail: string,
  errors: readonly object[] = [],
): WireAnswer {
  return {
    status,
    json: { type: "about:blank", title: code, status, detail, code, errors, request_id: "r-1" },
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}
