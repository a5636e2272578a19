import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Json } from "@yardmaster/protocol";
import { onTestFinished } from "vitest";
import { setUp } from "../attempt.fixture.ts";
import type { AttemptContext } from "../runner.ts";
import { createHttpRunner, type HttpRunnerOptions } from "./http.ts";

/** What a server of the tests was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A real server on loopback; `asked` has what came, in its order. */
export async function serve(answer: RequestListener) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      asked.push({ method, path: url, headers, body });
      answer(request, response);
    });
  });
  const { port } = await listen(server);
  return { asked, port, server, origin: `http://127.0.0.1:${port}` };
}

export async function listen(server: NetServer): Promise<AddressInfo> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    if (hasConnections(server)) server.closeAllConnections();
    server.close();
  });
  return server.address() as AddressInfo;
}

/** A runner that may talk to loopback, as `core.http` calls it: the input is the request. */
export function client(options: HttpRunnerOptions = { allow: ["127.0.0.1"] }) {
  const attempt = setUp();
  const runner = createHttpRunner(options);
  return {
    ...attempt,
    send: (input: Json, given: Partial<AttemptContext> = {}) =>
      runner.run({ kind: "http" }, attempt.context({ input, ...given })),
  };
}

function hasConnections(server: NetServer): server is NetServer & { closeAllConnections(): void } {
  return "closeAllConnections" in server;
}
