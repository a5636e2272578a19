import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { json } from "node:stream/consumers";
import type { Problem } from "@yardmaster/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { ADMIN, serveRoutes } from "../../../test/http.ts";
import type { Authenticate, ReplySocket, Route } from "../index.ts";
import { STREAM_LIMITS, type StreamLimits } from "./stream.ts";

function socketRoute(socket: ReplySocket): Route {
  return {
    method: "GET",
    path: "/live",
    summary: "Tells.",
    scope: "runs:read",
    isSocket: true,
    responses: { 101: { description: "Messages" } },
    handler: () => ({ socket }),
  };
}

const PLAIN: Route = {
  method: "GET",
  path: "/plain",
  summary: "Answers.",
  scope: "runs:read",
  responses: { 200: { description: "Something" } },
  handler: () => ({ body: {} }),
};

const ECHO: Route = {
  method: "POST",
  path: "/echo",
  summary: "Gives back.",
  scope: "runs:read",
  rawBody: true,
  idempotency: "harmless",
  responses: { 200: { description: "What came" } },
  handler: ({ rawBody }) => ({ text: String(rawBody) }),
};

async function serve(
  socket: ReplySocket,
  limits: Partial<StreamLimits> = {},
  authenticate: Authenticate = () => ADMIN,
) {
  const options = { streamLimits: { ...STREAM_LIMITS, ...limits }, authenticate };
  const { http, logged } = serveRoutes([socketRoute(socket), PLAIN, ECHO], options);
  const { url } = await http.listen("127.0.0.1", 0);
  onTestFinished(() => http.close());
  return { url, logged, socketUrl: `${url.replace("http", "ws")}/live` };
}

/** One message, and then nothing until the end. */
const quiet: ReplySocket = {
  async *messages(signal) {
    yield "first";
    if (!signal.aborted) await once(signal, "abort");
  },
};

const closeOf = async (client: WebSocket) => {
  const [code, reason] = await once(client, "close");
  return { code, reason: String(reason) };
};

describe("a route that is a WebSocket", () => {
  it("sends each message as it comes, and closes when they end", async () => {
    const { socketUrl } = await serve({
      async *messages() {
        yield "one";
        yield "two";
      },
    });
    const client = new WebSocket(socketUrl);
    const seen: string[] = [];
    client.on("message", (text) => seen.push(String(text)));
    expect(await closeOf(client)).toEqual({ code: 1013, reason: "connect again in a moment" });
    expect(seen).toEqual(["one", "two"]);
  });

  it("takes the token of a browser from the subprotocols that it offers, and answers another of them", async () => {
    const { socketUrl } = await serve(quiet, {}, (header) =>
      header === "Bearer yard_a-b_C" ? ADMIN : undefined,
    );
    const client = new WebSocket(socketUrl, ["yard", "bearer.yard_a-b_C"]);
    await once(client, "message");
    expect(client.protocol).toBe("yard");
    client.close();
  });

  it.each([
    ["a wrong one", ["yard", "bearer.other"]],
    ["none", ["yard"]],
    ["two", ["yard", "bearer.right", "bearer.wrong"]],
  ])("lets nobody in by the subprotocols with %s for a token", async (_what, protocols) => {
    const { socketUrl } = await serve(quiet, {}, (header) =>
      header === "Bearer right" ? ADMIN : undefined,
    );
    const [, response] = await once(new WebSocket(socketUrl, protocols), "unexpected-response");
    expect((response as IncomingMessage).statusCode).toBe(401);
    expect((await json(response as IncomingMessage)) as Problem).toMatchObject({
      detail: expect.stringContaining('as the subprotocol "bearer.<token>"'),
    });
  });

  it("lets the header go before, answers no token back, and takes none from them elsewhere", async () => {
    const seen: (string | undefined)[] = [];
    const { socketUrl, url } = await serve(quiet, {}, (header) => {
      seen.push(header);
      return header === undefined ? undefined : ADMIN;
    });
    const headers = { authorization: "Bearer header" };
    const client = new WebSocket(socketUrl, ["bearer.offered"], { headers });
    const [error] = (await once(client, "error")) as [Error];
    expect(error.message).toBe("Server sent no subprotocol");
    const plain = await fetch(`${url}/plain`, {
      headers: { "sec-websocket-protocol": "bearer.offered" },
    });
    expect(plain.status).toBe(401);
    expect(seen).toEqual(["Bearer header", undefined]);
  });

  it("answers a request that is none with 426", async () => {
    const { url } = await serve(quiet);
    const response = await fetch(`${url}/live`);
    expect(response.status).toBe(426);
    expect(response.headers.get("upgrade")).toBe("websocket");
    expect(await response.json()).toMatchObject({ code: "upgrade_required" });
  });

  it("answers upgrades that are not proper, and those to other paths, and ends them", async () => {
    const { url } = await serve(quiet);
    for (const [path, key, status] of [
      ["/live", "nonsense", "400"],
      ["/other", "AAAAAAAAAAAAAAAAAAAAAA==", "404"],
    ] as const) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
      let text = "";
      for await (const piece of socket) text += String(piece);
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
  });

  it("serves a request that would rather speak another protocol as if it had not asked, body and all", async () => {
    const { url } = await serve(quiet);
    const asking =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(`GET /plain HTTP/1.1\r\nHost: x\r\n${asking}\r\n`);
    const [first] = await once(socket, "data");
    expect(String(first)).toMatch(/^HTTP\/1.1 200 [\s\S]*\{\}$/);
    const rest = "Host: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\nContent-Length: 6\r\n";
    socket.write(`POST /echo HTTP/1.1\r\n${rest}\r\nabc`);
    setImmediate(() => socket.write("def"));
    let text = "";
    for await (const piece of socket) text += String(piece);
    expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*abcdef$/);
  });

  it("asks for no more than the client reads, and closes one that reads nothing with last words", async () => {
    let made = 0;
    const large = "x".repeat(1_000_000);
    const { socketUrl } = await serve(
      {
        async *messages() {
          for (;;) {
            made++;
            yield large;
          }
        },
        lastWords: () => "come back",
      },
      { stallMs: 100, farewellMs: 60_000 },
    );
    const client = new WebSocket(socketUrl);
    const seen: string[] = [];
    client.on("message", (text) => seen.push(String(text)));
    await once(client, "message");
    client.pause();
    await new Promise<void>((resolve) => {
      let before = -1;
      const timer = setInterval(() => {
        if (made === before) resolve(clearInterval(timer));
        before = made;
      }, 300);
    });
    const closed = closeOf(client);
    client.resume();
    expect(await closed).toEqual({ code: 4408, reason: "what was sent was not read in time" });
    expect(seen.at(-1)).toBe("come back");
    expect(made).toBeLessThan(100);
  });

  it("cuts a client that is gone without a word, and tells the handler", async () => {
    let isTold = (): void => {};
    const told = new Promise<void>((resolve) => (isTold = resolve));
    const { socketUrl } = await serve(
      {
        async *messages(signal) {
          yield "first";
          if (!signal.aborted) await once(signal, "abort");
          isTold();
        },
      },
      { pingMs: 10, silentMs: 100 },
    );
    const closed = closeOf(new WebSocket(socketUrl, { autoPong: false }));
    await told;
    expect(await closed).toMatchObject({ code: 1006 });
  });

  it("keeps a client that answers pings", async () => {
    const { socketUrl } = await serve(quiet, { pingMs: 10, silentMs: 100 });
    const client = new WebSocket(socketUrl);
    const began = performance.now();
    for (let pings = 0; pings < 20 || performance.now() - began < 200; pings++)
      await once(client, "ping");
    expect(client.readyState).toBe(WebSocket.OPEN);
    client.close();
  });

  it("closes on a message that is larger than anything a client has to say", async () => {
    const { socketUrl } = await serve(quiet);
    const client = new WebSocket(socketUrl);
    await once(client, "open");
    client.send("x".repeat(2_000));
    expect(await closeOf(client)).toMatchObject({ code: 1009 });
  });

  it("closes with 1011 when its messages break, and logs why", async () => {
    const { socketUrl, logged } = await serve({
      // biome-ignore lint/correctness/useYield: it breaks before it has one
      async *messages() {
        throw new Error("broken inside");
      },
    });
    expect(await closeOf(new WebSocket(socketUrl))).toEqual({
      code: 1011,
      reason: "something broke inside",
    });
    expect(logged).toMatchObject([{ level: "error", message: "a stream broke" }]);
  });
});
