import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { serveRoutes } from "../../../test/http.ts";
import type { Http, Route } from "../index.ts";

/** A route that takes bytes; `held` is told of each, and says when it is done. */
function taking(held: (bytes: number) => Promise<void> = async () => {}): Route {
  return {
    method: "POST",
    path: "/webhook",
    summary: "Takes bytes.",
    scope: "open",
    rawBody: true,
    responses: { 200: { description: "How many" } },
    async handler({ rawBody }) {
      await held(rawBody.length);
      return { body: rawBody.length };
    },
  };
}

/** A connection on which a request begins, from both sides, with all that comes back over it. */
async function begin({ server }: Http, url: string, headers: string, body: string) {
  const accepted = once(server, "connection");
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const [at] = (await accepted) as [Socket];
  socket.setEncoding("utf8");
  const closed = once(socket, "close");
  const texts: string[] = [];
  socket.on("data", (text: string) => texts.push(text));
  socket.write(`POST /webhook HTTP/1.1\r\nhost: yard\r\n${headers}\r\n\r\n${body}`);
  return { socket, at, all: closed.then(() => texts.join("")) };
}

it("a request that does not arrive in time is answered, and its connection closed", async () => {
  const { http, logged } = serveRoutes([taking()], { receiveMs: 200 });
  const { url } = await http.listen("127.0.0.1", 0);
  const { all } = await begin(http, url, "content-length: 100", "the beginning");
  expect(await all).toMatch(/^HTTP\/1\.1 408 .*did not arrive in time/s);
  expect(logged).toEqual([]);
  await http.close();
});

it("what all bodies together take is bounded, and free again when their requests are carried out", async () => {
  const turns = new EventEmitter();
  const held = async (bytes: number): Promise<void> => {
    if (bytes !== 80_000) return;
    const left = once(turns, "left");
    turns.emit("entered");
    await left;
  };
  const { http } = serveRoutes([taking(held)], { bodyRoomBytes: 100_000 });
  const { url } = await http.listen("127.0.0.1", 0);
  const send = (bytes: number, path = "/webhook") =>
    fetch(`${url}${path}`, { method: "POST", body: Buffer.alloc(bytes) });

  // The client goes away while its request is under way: the body is still here.
  const entered = once(turns, "entered");
  const { socket, at } = await begin(http, url, "content-length: 80000", "x".repeat(80_000));
  await entered;
  socket.destroy();
  await once(at, "close");
  expect((await send(20_000)).status).toBe(200);
  const refused = await send(20_001);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ code: "unavailable" });
  // What no handler takes does not count.
  expect((await send(20_000, "/nowhere")).status).toBe(404);
  expect((await send(20_000)).status).toBe(200);

  turns.emit("left");
  await expect.poll(async () => (await send(90_000)).status).toBe(200);
  await http.close();
});

it("a body that ends before it is whole leaves nothing behind", async () => {
  const { http, logged } = serveRoutes([taking()], { bodyRoomBytes: 100_000 });
  const { url } = await http.listen("127.0.0.1", 0);
  const begun = `ffff\r\n${"x".repeat(65_535)}`;
  const { socket, at } = await begin(http, url, "transfer-encoding: chunked", begun);
  await expect.poll(() => at.bytesRead).toBeGreaterThan(65_535);
  socket.destroy();
  await once(at, "close");
  const whole = await fetch(`${url}/webhook`, { method: "POST", body: Buffer.alloc(100_000) });
  expect(whole.status).toBe(200);
  expect(logged).toEqual([]);
  await http.close();
});
