import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import type { Http, Route } from "./index.ts";

const TAKING: Route = {
  method: "POST",
  path: "/webhook",
  summary: "Takes bytes.",
  scope: "open",
  rawBody: true,
  responses: { 200: { description: "How many" } },
  handler: ({ rawBody }) => ({ body: rawBody.length }),
};

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
  const { http, logged } = serveRoutes([TAKING], { receiveMs: 200 });
  const { url } = await http.listen("127.0.0.1", 0);
  const { all } = await begin(http, url, "content-length: 100", "the beginning");
  expect(await all).toMatch(/^HTTP\/1\.1 408 .*did not arrive in time/s);
  expect(logged).toEqual([]);
  await http.close();
});
