import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { throwing } from "../../test/sample-routes.ts";
import type { Http, Route } from "./index.ts";
import { STREAM_LIMITS } from "./lasting/stream.ts";

describe("a server that stops", () => {
  it("ends streams and waits with what they have, and frees the port", async () => {
    const entered = deferred();
    const held: Route = {
      ...(throwing("/v1/held", undefined) as Route),
      async handler({ signal }) {
        entered.resolve(undefined);
        if (!signal.aborted) await once(signal, "abort");
        return { body: { answered: true } };
      },
    };
    const { http }: { readonly http: Http } = serveRoutes([
      held,
      stream(async function* (signal) {
        yield "first\n";
        if (!signal.aborted) await once(signal, "abort");
        // Then what is idle has been closed already.
        while (http.server.listening) await new Promise(setImmediate);
        yield "last\n";
      }),
    ]);
    const { url } = await http.listen("127.0.0.1", 0);
    const waiting = fetch(`${url}/v1/held`);
    const streaming = await fetch(`${url}/v1/live`);
    await entered.promise;
    await http.close();
    expect(await (await waiting).json()).toEqual({ answered: true });
    expect(await streaming.text()).toBe("first\nlast\n");
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it("answers on until it closes once it says that it leaves, and asks for no further request over the connection", async () => {
    const { http } = serveRoutes([]);
    const { url } = await http.listen("127.0.0.1", 0);
    const before = await fetch(`${url}/readyz`);
    expect([before.status, before.headers.get("connection")]).toEqual([200, "keep-alive"]);
    http.leave();
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ status: "unready", reason: "The server is stopping" });
    const answered = await fetch(`${url}/v1/status`);
    expect([answered.status, answered.headers.get("connection")]).toEqual([200, "close"]);
    const refused = await fetch(`${url}/v1/nowhere`);
    expect([refused.status, refused.headers.get("connection")]).toEqual([404, "close"]);
    await http.close();
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
  });

  it("does not wait for connections that never asked for anything", async () => {
    const { http } = serveRoutes([]);
    const { url } = await http.listen("127.0.0.1", 0);
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    await fetch(`${url}/healthz`);
    const closed = once(socket, "close");
    await http.close();
    await closed;
  }, 10_000);

  it("says which port is taken", async () => {
    const { http } = serveRoutes([]);
    const { url } = await http.listen("127.0.0.1", 0);
    const { http: second } = serveRoutes([]);
    await expect(second.listen("127.0.0.1", Number(new URL(url).port))).rejects.toMatchObject({
      code: "invalid_setting",
      message: expect.stringContaining("YARD_PORT"),
    });
    await http.close();
  });
});

it("says of an address that is none of this machine's that it is the address", async () => {
  const { http } = serveRoutes([]);
  await expect(http.listen("192.0.2.1", 0)).rejects.toMatchObject({
    code: "invalid_setting",
    message: expect.stringContaining("Set YARD_HOST to an address of this machine"),
  });
});

describe("a stream", () => {
  it("that breaks is not taken for one that ended", async () => {
    const { http } = serveRoutes([
      stream(async function* () {
        yield "first\n";
        await Promise.reject(new Error("broken"));
      }),
    ]);
    const { url } = await http.listen("127.0.0.1", 0);
    const response = await fetch(`${url}/v1/live`);
    await expect(response.text()).rejects.toThrow("terminated");
    await http.close();
  });

  it("tells its handler when the client goes away", async () => {
    const left = deferred();
    const { http } = serveRoutes([
      stream(async function* (signal) {
        yield "first\n";
        await once(signal, "abort");
        left.resolve(undefined);
      }),
    ]);
    const { url } = await http.listen("127.0.0.1", 0);
    const leaving = new AbortController();
    const response = await fetch(`${url}/v1/live`, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await left.promise;
    await http.close();
  });

  it("asks for no more than the client reads, and cuts one that reads nothing with last words", async () => {
    let given = 0;
    const chunk = `${"x".repeat(64 * 1024 - 1)}\n`;
    const endless = stream(async function* () {
      for (;;) {
        given++;
        yield chunk;
      }
    }, "BYE\n");
    const { http } = serveRoutes([endless], {
      streamLimits: { ...STREAM_LIMITS, stallMs: 200, farewellMs: 20_000 },
    });
    const { url } = await http.listen("127.0.0.1", 0);
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
    socket.write("GET /v1/live HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "readable");
    socket.pause();
    await stable(() => given);
    // What a loopback socket holds is some megabytes; without back-pressure this would be without end.
    expect(given).toBeLessThan(500);
    let tail = "";
    socket.on("data", (bytes) => (tail = (tail + bytes.toString("latin1")).slice(-200)));
    socket.resume();
    await expect.poll(() => tail).toContain("BYE");
    socket.destroy();
    await http.close();
  });
});

function stream(chunks: (signal: AbortSignal) => AsyncIterable<string>, lastWords = ""): Route {
  return {
    ...throwing("/v1/live", undefined),
    handler: () => ({ stream: { contentType: "text/plain", chunks, lastWords: () => lastWords } }),
  };
}

/** Resolves when the value has not changed for longer than the stall limit of the test. */
async function stable(value: () => number): Promise<void> {
  let last = -1;
  const isSame = (): boolean => {
    const before = last;
    last = value();
    return last === before;
  };
  await expect.poll(isSame, { interval: 400, timeout: 10_000 }).toBe(true);
}

function deferred() {
  let resolve = (_: unknown): void => {};
  const promise = new Promise<unknown>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
