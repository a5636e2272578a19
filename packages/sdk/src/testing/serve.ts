import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  number: number,
) => void | Promise<void>;

/** A real server on a free port for one test; `handle` is told how many requests came before. Returns its address. */
export async function serve(handle: Handler): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    void handle(request, response, count++);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(
    () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function sendJson(
  response: ServerResponse,
  value: unknown,
  options: { status?: number; headers?: Record<string, string> } = {},
): void {
  const type = (options.status ?? 200) >= 400 ? "application/problem+json" : "application/json";
  response
    .writeHead(options.status ?? 200, { "content-type": type, ...options.headers })
    .end(JSON.stringify(value));
}

export function problem(status: number, code: string, detail: string, more: object = {}): object {
  return {
    type: "about:blank",
    title: code,
    status,
    detail,
    code,
    errors: [],
    request_id: "r-1",
    ...more,
  };
}

export async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}
