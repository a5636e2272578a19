import { expect, test } from "vitest";
import { problem, sendJson, serve } from "../testing/serve.ts";
import { STREAM_SETTINGS, type StreamSettings } from "../transport/retry.ts";
import { createTransport } from "../transport/transport.ts";
import { openStream, type StreamMessage, type StreamOptions } from "./stream.ts";

const QUICK: StreamSettings = { ...STREAM_SETTINGS, firstRetryMs: 5, maxRetryMs: 20 };
const EVENT_STREAM = { "content-type": "text/event-stream" };

function open(url: string, options: StreamOptions = {}, settings = QUICK) {
  return openStream(
    createTransport({ url, token: "t" }),
    { path: "/v1/stream", query: { run: "r1" } },
    options,
    settings,
  );
}

async function take(stream: AsyncIterable<StreamMessage>, count: number): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = [];
  for await (const message of stream) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

const message = (id: string, type = "run.created") =>
  `id: ${id}\nevent: ${type}\ndata: {"n":"${id}"}\n\n`;

test("goes on after the last event when the connection breaks, without losing or repeating one", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    asked.push(request.headers["last-event-id"] as string | undefined);
    response.writeHead(200, EVENT_STREAM);
    if (number === 0)
      response.write(`${message("1") + message("2")}id: 3\ndata: {"half`, () => response.destroy());
    else response.write(message("3") + message("4"));
  });
  const messages = await take(open(url), 4);
  expect(messages.map((each) => each.id)).toEqual(["1", "2", "3", "4"]);
  expect(asked).toEqual([undefined, "2"]);
});

test("resumes from the cursor of a ready message when nothing else had come", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    asked.push(request.headers["last-event-id"] as string | undefined);
    response.writeHead(200, EVENT_STREAM);
    if (number === 0) response.end('id: c9\nevent: ready\ndata: {"cursor":"c9"}\n\n');
    else response.write(message("10"));
  });
  expect((await take(open(url), 2)).map((each) => [each.type, each.id])).toEqual([
    ["ready", "c9"],
    ["run.created", "10"],
  ]);
  expect(asked).toEqual([undefined, "c9"]);
});

test("resumes from the id of a heartbeat", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    asked.push(request.headers["last-event-id"] as string | undefined);
    response.writeHead(200, EVENT_STREAM);
    if (number === 0) response.end(`${message("1")}: alive\nid: 5\n\n`);
    else response.write(message("6"));
  });
  expect((await take(open(url), 2)).map((each) => each.id)).toEqual(["1", "6"]);
  expect(asked).toEqual([undefined, "5"]);
});

test("hands a gap on to its reader and sends query and token", async () => {
  const url = await serve((request, response) => {
    expect(request.url).toBe("/v1/stream?run=r1");
    expect(request.headers.authorization).toBe("Bearer t");
    response.writeHead(200, EVENT_STREAM);
    response.write('id: c2\nevent: gap\ndata: {"cursor":"c2"}\n\n');
  });
  expect(await take(open(url, { after: "old" }), 1)).toEqual([
    { id: "c2", type: "gap", data: { cursor: "c2" } },
  ]);
});

test("waits longer after each failure, up to the limit, and tells of it", async () => {
  const waits: number[] = [];
  const url = await serve((_request, response, number) => {
    if (number === 0) response.writeHead(200, EVENT_STREAM).end();
    else if (number < 5)
      sendJson(response, problem(503, "unavailable", "starting"), { status: 503 });
    else response.writeHead(200, EVENT_STREAM).write(message("1"));
  });
  const onBreak = (_error: unknown, retryMs: number) => waits.push(retryMs);
  await take(open(url, { onBreak }, { ...QUICK, random: () => 1 }), 1);
  expect(waits).toEqual([5, 10, 20, 20, 20]);
});

test("takes a silent stream for dead and connects again", async () => {
  const url = await serve((_request, response, number) => {
    response.writeHead(200, EVENT_STREAM);
    if (number === 0) response.flushHeaders();
    else response.write(message("1"));
  });
  expect(await take(open(url, {}, { ...QUICK, silenceMs: 40 }), 1)).toHaveLength(1);
});

test("throws what the server refuses, on the first connection and on a later one", async () => {
  const refuse = await serve((_request, response, number) => {
    if (number === 1) response.writeHead(200, EVENT_STREAM).end(message("1"));
    else sendJson(response, problem(401, "unauthorized", "who?"), { status: 401 });
  });
  await expect(take(open(refuse), 1)).rejects.toMatchObject({ code: "unauthorized" });
  await expect(take(open(refuse), 2)).rejects.toMatchObject({ code: "unauthorized" });
});

test("throws when the first connection cannot be made", async () => {
  await expect(take(open("http://127.0.0.1:9"), 1)).rejects.toMatchObject({ code: "unavailable" });
});

test("ends with the reason of an abort, while it listens and while it waits to connect again", async () => {
  const url = await serve((_request, response, number) => {
    response.writeHead(200, EVENT_STREAM);
    if (number === 0) response.flushHeaders();
    else response.end();
  });
  const reason = new Error("enough");
  const listening = new AbortController();
  await expect(
    take(open(url, { signal: listening.signal, onOpen: () => listening.abort(reason) }), 1),
  ).rejects.toBe(reason);
  const waiting = new AbortController();
  const slow = { ...QUICK, firstRetryMs: 60_000, maxRetryMs: 60_000 };
  const onBreak = () => setImmediate(() => waiting.abort(reason));
  await expect(take(open(url, { signal: waiting.signal, onBreak }, slow), 1)).rejects.toBe(reason);
});
