import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A span as OTLP in JSON has it, with its attributes as a map. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
  readonly attributes: { readonly [key: string]: string | number };
  readonly events?: readonly { readonly name: string; readonly attributes: unknown }[];
}

export interface CollectedRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface FakeCollector {
  readonly url: string;
  /** All that came, in order. */
  readonly requests: readonly CollectedRequest[];
  /** The spans of all that was answered with 200. */
  readonly spans: readonly CollectedSpan[];
  /** Resolves when so many requests have come. */
  came(count: number): Promise<void>;
  /** Resolves when it holds, looked at with each request. */
  until(isThere: () => boolean): Promise<void>;
  /** Resolves when it has so many spans. */
  has(count: number): Promise<void>;
  /** Breaks off every connection, until it comes back: the port stays its own, which a stop would give to anybody. */
  leave(): void;
  comeBack(): void;
  close(): Promise<void>;
}

export type Answering = (
  nth: number,
  response: ServerResponse,
) => number | Promise<number> | { readonly status: number; readonly body: string };

/** A collector on a real socket. `answer` gives the status of the nth request (from 1), and may set headers before. */
export async function startCollector(answer: Answering = () => 200): Promise<FakeCollector> {
  const requests: CollectedRequest[] = [];
  const spans: CollectedSpan[] = [];
  const waiters = new Set<() => void>();
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    requests.push({ path: request.url ?? "", headers: request.headers, body });
    for (const look of waiters) look();
    const said = await answer(requests.length, response);
    const status = typeof said === "number" ? said : said.status;
    if (status === 200) spans.push(...spansOf(body));
    response.statusCode = status;
    if (!response.hasHeader("content-type")) response.setHeader("content-type", "application/json");
    response.end(typeof said === "number" ? "{}" : said.body);
    for (const look of waiters) look();
  }
  const server = createServer((request, response) => void serve(request, response));
  let isAway = false;
  server.on("connection", (socket) => isAway && socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  const until = (isThere: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isThere()) return;
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
      look();
    });
  return {
    url: `http://127.0.0.1:${bound}`,
    requests,
    spans,
    until,
    came: (count) => until(() => requests.length >= count),
    has: (count) => until(() => spans.length >= count),
    leave() {
      isAway = true;
      server.closeAllConnections();
    },
    comeBack() {
      isAway = false;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

function spansOf(body: string): CollectedSpan[] {
  return JSON.parse(body).resourceSpans[0].scopeSpans[0].spans.map(
    (span: { attributes: Attribute[] }) => ({
      ...span,
      attributes: Object.fromEntries(
        span.attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
      ),
    }),
  );
}
