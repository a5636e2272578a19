import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createOutbox, type OutboxOptions } from "./outbox.ts";

const TEXT = { isBinary: false, isUrgent: false };
const URGENT = { isBinary: false, isUrgent: true };

/** A socket that takes what it is given only when told to. */
function slowSocket() {
  const sent: string[] = [];
  const taken: (() => void)[] = [];
  return {
    sent,
    take: () => taken.shift()?.(),
    socket: {
      send(data: unknown, _options: unknown, done: () => void) {
        sent.push(String(data));
        taken.push(done);
      },
    } as unknown as WebSocket,
  };
}

function outboxOf(socket: WebSocket, options: Partial<OutboxOptions> = {}) {
  const outbox = createOutbox(socket, { writeMs: 60_000, onStuck: () => {}, ...options });
  onTestFinished(() => outbox.close());
  return outbox;
}

test("messages go out in order, and an urgent one before those that wait", () => {
  const { socket, sent, take } = slowSocket();
  const outbox = outboxOf(socket, { inFlightBytes: 1 });
  for (const text of ["a", "b", "c"]) outbox.send(Buffer.from(text), TEXT);
  outbox.send(Buffer.from("pong"), URGENT);
  for (let turn = 0; turn < 4; turn++) take();
  expect(sent).toEqual(["a", "pong", "b", "c"]);
});

test("a sender is asked to wait while much is queued, and let go when it has gone out", async () => {
  const { socket, take } = slowSocket();
  const outbox = outboxOf(socket, { inFlightBytes: 4, fullBytes: 8 });
  expect(outbox.send(Buffer.alloc(7), TEXT)).toBe("sent");
  expect(outbox.send(Buffer.alloc(7), TEXT)).toBe("full");
  let isOver = false;
  const drained = outbox.drained().then(() => {
    isOver = true;
  });
  await Promise.resolve();
  expect(isOver).toBe(false);
  take();
  await drained;
  const flushed = outbox.flushed();
  take();
  await flushed;
});

test("whoever waits is let go when the outbox is closed", async () => {
  const { socket } = slowSocket();
  const outbox = outboxOf(socket, { fullBytes: 1 });
  outbox.send(Buffer.alloc(7), TEXT);
  const waits = Promise.all([outbox.drained(), outbox.flushed()]);
  outbox.close();
  await waits;
});

test("a socket that takes nothing within its time is given up, once", async () => {
  const onStuck = vi.fn();
  const { socket } = slowSocket();
  const outbox = outboxOf(socket, { writeMs: 10, onStuck });
  outbox.send(Buffer.from("a"), TEXT);
  outbox.send(Buffer.from("b"), TEXT);
  await vi.waitFor(() => expect(onStuck).toHaveBeenCalledWith(expect.stringContaining("nothing")));
  expect(onStuck).toHaveBeenCalledTimes(1);
});

test("more than the most gives the link up instead of filling the memory", () => {
  const onStuck = vi.fn();
  const { socket } = slowSocket();
  const outbox = outboxOf(socket, { mostBytes: 10, onStuck });
  outbox.send(Buffer.alloc(11), TEXT);
  expect(onStuck).toHaveBeenCalledWith(expect.stringContaining("too much"));
});

test("30,000 messages of many senders arrive whole and in each sender's order", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const got: string[] = [];
  server.on("connection", (peer) => peer.on("message", (data) => got.push(String(data))));
  await once(server, "listening");
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    socket.terminate();
    server.close();
  });
  await once(socket, "open");
  const outbox = outboxOf(socket, { inFlightBytes: 4_096, fullBytes: 64 * 1024 });
  async function send(sender: number) {
    for (let seq = 0; seq < 1_000; seq++) {
      const isUrgent = sender === 0;
      const text = `${sender}:${seq}:${"x".repeat(seq % 500)}`;
      if (outbox.send(Buffer.from(text), { isBinary: false, isUrgent }) === "full")
        await outbox.drained();
    }
  }
  await Promise.all(Array.from({ length: 30 }, (_, sender) => send(sender)));
  await vi.waitFor(() => expect(got).toHaveLength(30_000));
  const next = Array.from({ length: 30 }, () => 0);
  for (const text of got) {
    const [sender, seq, filling] = text.split(":") as [string, string, string];
    expect([Number(seq), filling.length]).toEqual([next[Number(sender)], Number(seq) % 500]);
    next[Number(sender)]!++;
  }
});
