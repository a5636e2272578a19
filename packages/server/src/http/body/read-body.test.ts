import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { serveRoutes } from "../../../test/http.ts";
import type { Http, Route } from "../index.ts";

/** A route that takes bytes; `held` is told of each, and says when it is done. */
function taking(
  held: (bytes: number) => Promise<void> = async () => {},
  { path, scope }: Pick<Route, "path" | "scope"> = { path: "/webhook", scope: "open" },
): Route {
  return {
    method: "POST",
    path,
    summary: "Takes bytes.",
    scope,
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
    if (bytes !== 60_000) return;
    const left = once(turns, "left");
    turns.emit("entered");
    await left;
  };
  const api = taking(undefined, { path: "/v1/things", scope: "runs:write" });
  const { http } = serveRoutes([taking(held), api], { bodyRoomBytes: 100_000 });
  const { url } = await http.listen("127.0.0.1", 0);
  const send = (bytes: number, path = "/webhook") =>
    fetch(`${url}${path}`, { method: "POST", body: Buffer.alloc(bytes) });

  // The client goes away while its request is under way: the body is still here.
  const entered = once(turns, "entered");
  const { socket, at } = await begin(http, url, "content-length: 60000", "x".repeat(60_000));
  await entered;
  socket.destroy();
  await once(at, "close");
  expect((await send(15_000)).status).toBe(200);
  const refused = await send(15_001);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ code: "unavailable" });
  // What no handler takes does not count.
  expect((await send(15_000, "/nowhere")).status).toBe(404);
  expect((await send(15_000)).status).toBe(200);
  // Those who have a token find a quarter of it whatever strangers send.
  expect((await send(40_000, "/v1/things")).status).toBe(200);
  expect((await send(40_001, "/v1/things")).status).toBe(503);

  turns.emit("left");
  await expect.poll(async () => (await send(75_000)).status).toBe(200);
  expect((await send(75_001)).status).toBe(503);
  expect((await send(100_000, "/v1/things")).status).toBe(200);
  await http.close();
});

it("a body that ends before it is whole leaves nothing behind", async () => {
  const { http, logged } = serveRoutes([taking()], { bodyRoomBytes: 200_000 });
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

it("a body that does not say its length is read no further than the limit", async () => {
  const { http } = serveRoutes([taking()], { bodyLimit: { bytes: 1_000 } });
  const { url } = await http.listen("127.0.0.1", 0);
  const send = (bytes: number) =>
    fetch(`${url}/webhook`, {
      method: "POST",
      body: new Blob([Buffer.alloc(bytes)]).stream(),
      duplex: "half",
    });
  expect(await (await send(1_000)).json()).toBe(1_000);
  const refused = await send(1_001);
  expect([refused.status, await refused.json()]).toMatchObject([413, { code: "too_large" }]);
  await http.close();
});
