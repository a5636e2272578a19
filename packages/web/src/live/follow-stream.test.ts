import { AppError, type ErrorCode } from "@yardmaster/protocol/core";
import type { Client, StreamMessage } from "@yardmaster/sdk";
import { expect, test } from "vitest";
import { followStream } from "./follow-stream.ts";

type Connect = (after: string | undefined) => AsyncGenerator<StreamMessage, void, undefined>;
const message = (id: string, type: string): StreamMessage => ({ id, type, data: {} });

/** Follows connections that are made one after the other, until the last has ended. */
async function follow(connections: readonly Connect[], after?: string) {
  const listening = new AbortController();
  const asked: (string | undefined)[] = [];
  const heard: string[] = [];
  const states: string[] = [];
  const cursors: string[] = [];
  const stream = ((_query, options) => {
    const connect = connections[asked.length] as Connect;
    asked.push(options?.after);
    if (asked.length === connections.length) queueMicrotask(() => listening.abort());
    return connect(options?.after);
  }) as Client["stream"];
  await followStream(
    { stream, pause: () => Promise.resolve() },
    { types: "run.*" },
    {
      onMessage: ({ type }) => heard.push(type),
      onConnection: (state) => states.push(state),
      onCursor: (cursor) => cursors.push(cursor),
    },
    { after, signal: listening.signal },
  );
  return { asked, heard, states, cursors };
}

async function* fail(code: ErrorCode): ReturnType<Connect> {
  yield* [];
  throw new AppError(code, code);
}

async function* give(...messages: StreamMessage[]): ReturnType<Connect> {
  yield* messages;
}

test("tries a first connection again, and is live with its ready message", async () => {
  const { heard, states } = await follow([
    () => fail("unavailable"),
    () => give(message("c1", "ready"), message("c2", "run.created")),
  ]);
  expect(states).toEqual(["offline", "live"]);
  expect(heard).toEqual(["ready", "run.created"]);
});

test("goes on behind the last message, which a cut is one of but is not told", async () => {
  const { asked, heard, cursors } = await follow(
    [
      async function* () {
        yield message("c1", "run.created");
        yield message("c2", "cut");
        throw new AppError("unavailable", "gone");
      },
      () => give(message("c3", "gap")),
    ],
    "c0",
  );
  expect(asked).toEqual(["c0", "c2"]);
  expect(heard).toEqual(["run.created", "gap"]);
  expect(cursors).toEqual(["c1", "c2", "c3"]);
});

test("drops a cursor that the server does not know", async () => {
  const { asked } = await follow([() => fail("invalid_cursor"), () => give()], "of another server");
  expect(asked).toEqual(["of another server", undefined]);
});

test.each(["forbidden", "invalid_request"] as const)(
  "gives up where the server refuses with %s: it is not out of reach",
  async (code) => {
    const { asked, states } = await follow([() => fail(code), () => give()]);
    expect(asked).toHaveLength(1);
    expect(states).toEqual(["ended"]);
  },
);
