import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { createClient } from "../client.ts";
import { type Handler, problem, sendJson, serve } from "../testing/serve.ts";

const line = (seq: number) => ({
  cursor: `c${seq}`,
  step: "a",
  attempt: 1,
  seq,
  stream: "stdout",
  at: "2026-01-01T00:00:00.000Z",
  text: `${seq}\n`,
});
const jsonLines = (...values: object[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

/** The log of a run that is over; `handle` answers those who follow it. */
function serveLog(handle: Handler): Promise<string> {
  let count = 0;
  return serve((request, response) => {
    if (request.url === "/v1/runs/r1") sendJson(response, { id: "r1", status: "success" });
    else if (request.url?.includes("follow=true")) void handle(request, response, count++);
    else sendJson(response, []);
  });
}

test("puts the steps of a run together from their pages, a step with many items too", async () => {
  const step = (id: string, items: number[] | null) => ({
    id,
    items: items?.map((index) => ({ index })) ?? null,
  });
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    asked.push(request.url);
    if (number === 0) response.setHeader("link", '</v1/runs/r1/steps?cursor=each%231>; rel="next"');
    sendJson(
      response,
      number === 0 ? [step("a", null), step("each", [0, 1])] : [step("each", [2])],
    );
  });
  expect(await createClient({ url }).runs.steps("r1")).toEqual([
    step("a", null),
    step("each", [0, 1, 2]),
  ]);
  expect(asked).toEqual([
    "/v1/runs/r1/steps?limit=1000",
    "/v1/runs/r1/steps?limit=1000&cursor=each%231",
  ]);
});

test("follows logs over a broken connection, going on behind the last whole line", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serveLog((request, response, number) => {
    asked.push(request.url);
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    if (number === 0)
      response.write(`${jsonLines(line(0), line(1))}{"cursor":"c2`, () => response.destroy());
    else response.end(jsonLines(line(2), line(3)));
  });
  const seen: number[] = [];
  const logs = createClient({ url }).runs.logs("r1", { follow: true, step: "a" });
  for await (const { seq } of logs) seen.push(seq);
  expect(seen).toEqual([0, 1, 2, 3]);
  const path = "/v1/runs/r1/logs?follow=true&step=a";
  expect(asked).toEqual([path, `${path}&cursor=c1`]);
});

test("says that a log stands still since the server is away, once, and that it is back", async () => {
  const url = await serveLog((_request, response, number) => {
    if (number === 1 || number === 2)
      return sendJson(response, problem(503, "unavailable", "restarting"), { status: 503 });
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    if (number === 0) response.write(jsonLines(line(0)), () => response.destroy());
    else response.end(jsonLines(line(1)));
  });
  const told: string[] = [];
  const onAway = () => told.push("away");
  const onBack = () => told.push("back");
  const logs = createClient({ url }).runs.logs("r1", { follow: true, onAway, onBack });
  for await (const { seq } of logs) told.push(`line ${seq}`);
  expect(told).toEqual(["line 0", "away", "back", "line 1"]);
});

test("begins a log so many lines before its end, and goes on from there", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serveLog((request, response, number) => {
    asked.push(request.url);
    if (number === 0) {
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write(jsonLines(line(0)), () => response.destroy());
    } else response.end(jsonLines(line(1)));
  });
  const seen: number[] = [];
  const logs = createClient({ url }).runs.logs("r1", { follow: true, tail: 9 });
  for await (const { seq } of logs) seen.push(seq);
  expect(seen).toEqual([0, 1]);
  const path = "/v1/runs/r1/logs?follow=true&tail=9";
  expect(asked).toEqual([path, `${path}&cursor=c0`]);
});

test("begins a log behind the piece with a cursor, followed or not", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response, number) => {
    asked.push(request.url);
    if (number === 1) response.end(jsonLines(line(5)));
    else sendJson(response, [[line(5)], [], { id: "r1", status: "success" }, []][number]);
  });
  const { runs } = createClient({ url });
  for (const follow of [false, true])
    for await (const { seq } of runs.logs("r1", { follow, after: "c4" })) expect(seq).toBe(5);
  expect(asked).toEqual([
    "/v1/runs/r1/logs?cursor=c4&limit=200",
    "/v1/runs/r1/logs?follow=true&cursor=c4",
    "/v1/runs/r1",
    "/v1/runs/r1/logs?cursor=c5&limit=200",
  ]);
});

test("waits for a run's end by the stream, and sees an end that came before the stream stood", async () => {
  let status = "running";
  let stream: ServerResponse | undefined;
  const url = await serve((request, response) => {
    if (!request.url?.startsWith("/v1/stream")) return sendJson(response, { id: "r1", status });
    expect(request.url).toBe("/v1/stream?run=r1&types=run.*");
    stream = response.writeHead(200, { "content-type": "text/event-stream" });
    // The run ends between the first look and the stream: only the look after `ready` can see it.
    status = "failed";
    stream.write('event: ready\ndata: {"cursor":"c1"}\n\n');
  });
  expect(await createClient({ url }).runs.wait("r1")).toMatchObject({ status: "failed" });
});

test("answers a wait for an ended run without a stream", async () => {
  const url = await serve((request, response) => {
    expect(request.url).toBe("/v1/runs/r1");
    sendJson(response, { id: "r1", status: "canceled" });
  });
  expect(await createClient({ url }).runs.wait("r1")).toMatchObject({ status: "canceled" });
});

test("follows a log on over a server that stops, and throws where its token is not valid any more", async () => {
  const cut = (code: string) => ({ type: "cut", code, reason: code });
  const url = await serve((_request, response, number) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.end(jsonLines(line(number), cut(number === 0 ? "unavailable" : "unauthorized")));
  });
  const seen: number[] = [];
  const read = async () => {
    for await (const { seq } of createClient({ url }).runs.logs("r1", { follow: true }))
      seen.push(seq);
  };
  await expect(read()).rejects.toMatchObject({ code: "unauthorized", message: "unauthorized" });
  expect(seen).toEqual([0, 1]);
});

test("asks the run whether it is over when the answer of a log ends, and reads what the answer lacked", async () => {
  // As a proxy ends it whose server died: cleanly, in the middle.
  let status = "running";
  const url = await serve((request, response, number) => {
    if (request.url === "/v1/runs/r1") return sendJson(response, { id: "r1", status });
    if (number === 2) status = "success";
    if (request.url?.includes("follow")) response.end(jsonLines(line(number)));
    else sendJson(response, [line(4)]);
  });
  const seen: number[] = [];
  for await (const { seq } of createClient({ url }).runs.logs("r1", { follow: true }))
    seen.push(seq);
  expect(seen).toEqual([0, 2, 4]);
});

test("waits for a run's end over a server that is away, also where it is when the wait begins", async () => {
  let looks = 0;
  const url = await serve((request, response) => {
    if (request.url?.startsWith("/v1/stream")) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`event: ${looks === 2 ? "cut" : "ready"}\ndata: {}\n\n`);
    } else if ([0, 2].includes(looks++))
      sendJson(response, problem(503, "unavailable", "stopping"), { status: 503 });
    else sendJson(response, { id: "r1", status: looks < 4 ? "running" : "success" });
  });
  const told: string[] = [];
  const run = await createClient({ url }).runs.wait("r1", {
    onAway: () => told.push("away"),
    onBack: () => told.push("back"),
  });
  expect(run.status).toBe("success");
  expect(told).toEqual(["away", "back", "away", "back"]);
});
