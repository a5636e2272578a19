import { expect, test } from "vitest";
import { createSseParser, type SseEvent } from "./sse-parser.ts";

const STREAM =
  ': hello\r\n\r\nid: a1\r\nevent: run.created\r\ndata: {"x":\ndata: 1}\n\ndata: plain\r\rid\ndata:  two spaces\n\nevent: lost\ndata: never ended\n';

const EVENTS: SseEvent[] = [
  { id: "a1", event: "run.created", data: '{"x":\n1}' },
  { id: "a1", event: "message", data: "plain" },
  { id: "", event: "message", data: " two spaces" },
];

function parse(...chunks: string[]): SseEvent[] {
  const parser = createSseParser();
  return chunks.flatMap(parser.push);
}

test("reads events with all three line ends, comments, joined data and a lasting id", () => {
  expect(parse(STREAM)).toEqual(EVENTS);
});

test("gives the same events wherever the stream is cut in two, and when it comes character by character", () => {
  for (let at = 0; at <= STREAM.length; at++) {
    expect(parse(STREAM.slice(0, at), STREAM.slice(at)), `cut at ${at}`).toEqual(EVENTS);
  }
  expect(parse(...STREAM)).toEqual(EVENTS);
});

test("drops a byte order mark at the start, and an event without data", () => {
  expect(
    parse("\uFEFFdata: x\n\nevent: empty\n\ndata: y\n\n").map((event) => [event.event, event.data]),
  ).toEqual([
    ["message", "x"],
    ["message", "y"],
  ]);
});

test("takes the server's retry where it is a number, and no id with a NUL", () => {
  const parser = createSseParser();
  parser.push("retry: soon\n");
  expect(parser.retryMs).toBeUndefined();
  expect(parser.push("retry: 1500\nid: a\0b\ndata: x\n\n")).toEqual([
    { id: "", event: "message", data: "x" },
  ]);
  expect(parser.retryMs).toBe(1_500);
});

test("moves the id to resume from with a heartbeat, and not with an event that is cut off", () => {
  const parser = createSseParser();
  expect(parser.push(": alive\nid: 7\n\n")).toEqual([]);
  expect(parser.lastId).toBe("7");
  parser.push("id: 8\ndata: half");
  expect(parser.lastId).toBe("7");
});
