import type { IncomingMessage } from "node:http";
import { encodeBinary } from "@yardmaster/protocol/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChannel } from "./channel.ts";
import { createFifo } from "./fifo.ts";
import { createGate } from "./gate.ts";
import type { NodeSocket } from "./node-socket.ts";
import { createOrigins } from "./origin.ts";
import { createRollingWindow } from "./rolling-window.ts";
import { createWriter, type FrameSink } from "./writer.ts";

/** A socket whose writes are taken when the test says so. */
function createSink() {
  const sent: { text: string; fin: boolean; binary: boolean }[] = [];
  const pending: (() => void)[] = [];
  const sink: FrameSink = {
    send(piece, { fin, binary }, taken) {
      sent.push({ text: piece.toString(), fin, binary });
      pending.push(taken);
    },
  };
  const takeAll = (): void => {
    for (let taken = pending.shift(); taken !== undefined; taken = pending.shift()) taken();
  };
  return { sink, sent, pending, takeAll };
}

describe("a channel", () => {
  it("takes a binary message only once both sides have agreed on them", () => {
    const channel = createChannel({ send: () => undefined } as unknown as NodeSocket, () => "");
    const chunk = encodeBinary({
      ...{
        type: "exec_chunk",
        id: "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c",
        seq: 1,
        stream: "stdout",
        data: Buffer.from("x"),
      },
      more: true,
    }) as Buffer;
    expect(channel.read(chunk, true)).toMatchObject({ flaw: { reason: "not_a_frame" } });
    channel.goBinary();
    expect(channel.read(chunk, true)).toMatchObject({ ok: { type: "exec_chunk" } });
  });
});

describe("the writer", () => {
  it("sends whole messages in their order, whatever their sizes, and urgent ones between them", () => {
    const message = fc.record({
      text: fc.string({ maxLength: 40 }),
      isUrgent: fc.boolean(),
      takeBefore: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const { sink, sent, pending, takeAll } = createSink();
        const writer = createWriter(sink, () => 0, { pieceBytes: 8, windowBytes: 16 });
        for (const { text, isUrgent, takeBefore } of messages) {
          for (let at = 0; at < takeBefore; at++) pending.shift()?.();
          writer.push(`${isUrgent ? "u" : "b"}${text}`, { urgent: isUrgent });
        }
        takeAll();
        const whole: string[] = [];
        let isOpen = false;
        for (const { text, fin } of sent) {
          if (isOpen) whole[whole.length - 1] += text;
          else whole.push(text);
          isOpen = !fin;
        }
        const of = (letter: string) => whole.filter((text) => text.startsWith(letter));
        const asked = (isUrgent: boolean) =>
          messages
            .filter((each) => each.isUrgent === isUrgent)
            .map(({ text }) => Buffer.from(`${isUrgent ? "u" : "b"}${text}`).toString());
        expect([of("u"), of("b"), writer.queuedBytes]).toEqual([asked(true), asked(false), 0]);
      }),
    );
  });

  it("never hands more to the socket than its window and one piece, and knows since when it is stuck", () => {
    const { sink, sent, pending } = createSink();
    let now = 5;
    const writer = createWriter(sink, () => now, { pieceBytes: 10, windowBytes: 20 });
    expect(writer.stuckSinceMs).toBeUndefined();
    for (let at = 0; at < 10; at++) writer.push("x".repeat(10));
    expect([sent.length, writer.queuedBytes, writer.stuckSinceMs]).toEqual([2, 100, 5]);
    now = 9;
    pending.shift()?.();
    expect([sent.length, writer.queuedBytes, writer.stuckSinceMs]).toEqual([3, 90, 9]);
  });

  it("drops what waits at its end, but for what is urgent", () => {
    const { sink, sent, takeAll } = createSink();
    const writer = createWriter(sink, () => 0, { pieceBytes: 10, windowBytes: 10 });
    let isFinished = false;
    for (const text of ["first-----", "second", "third"]) writer.push(text);
    writer.push("why", { urgent: true });
    writer.finish(() => {
      isFinished = true;
    });
    expect(isFinished).toBe(false);
    takeAll();
    writer.push("late");
    expect(sent.map(({ text }) => text)).toEqual(["first-----", "why"]);
    expect(isFinished).toBe(true);
  });
});

it("a fifo gives what it was given", () => {
  const queue = createFifo<number>();
  const given: number[] = [];
  for (let at = 0; at < 5_000; at++) {
    queue.push(at);
    if (at % 3 !== 0) given.push(queue.shift() as number);
  }
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) given.push(item);
  expect(given).toEqual(Array.from({ length: 5_000 }, (_, at) => at));
  expect(queue.size).toBe(0);
});

describe("a rolling window", () => {
  it("never has more in any span, and refuses no more than it must", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), gaps, (limit, waits) => {
        const window = createRollingWindow(limit, 1_000);
        const taken: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now += wait;
          const within = taken.filter((stamp) => now - stamp < 1_000).length;
          expect(window.waitMs(now) === 0).toBe(within < limit);
          expect(window.take(now)).toBe(within < limit);
          if (within < limit) taken.push(now);
        }
      }),
    );
  });

  it("has no end with a limit of 0", () => {
    const window = createRollingWindow(0, 1_000);
    expect(Array.from({ length: 500 }, () => window.take(1)).every(Boolean)).toBe(true);
  });
});

describe("the gate", () => {
  it("lets in so many strangers, of each address and in all", () => {
    const gate = createGate({ strangers: 3, strangersPerAddress: 2, failuresPerMinute: 9 });
    const enter = (address: string) => gate.enter(address, 0) === 0;
    expect(["a", "a", "a", "b", "b"].map(enter)).toEqual([true, true, false, true, false]);
    gate.leave("a");
    expect(enter("b")).toBe(true);
  });

  it("keeps an address out that failed too often, for a minute", () => {
    const gate = createGate({ strangers: 9, strangersPerAddress: 9, failuresPerMinute: 2 });
    for (const at of [0, 1_000]) gate.failed("2001:db8:1:2::3", at);
    expect(gate.enter("2001:db8:1:2:ffff::1", 2_000)).toBe(58_000);
    expect(gate.enter("2001:db8:1:3::1", 2_000)).toBe(0);
    gate.forget(50_000);
    expect(gate.enter("2001:db8:1:2::3", 59_999)).toBe(1);
    expect(gate.enter("2001:db8:1:2::3", 60_000)).toBe(0);
  });
});

describe("where a node comes from", () => {
  const request = (remoteAddress: string, headers: object = {}): IncomingMessage =>
    ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

  it.each([
    ["127.0.0.1", {}, { address: "127.0.0.1", isTls: false, allowsPlain: true }],
    ["::ffff:127.0.0.1", {}, { address: "127.0.0.1", isTls: false, allowsPlain: true }],
    ["192.0.2.9", {}, { address: "192.0.2.9", isTls: false, allowsPlain: false }],
    // What strangers say of themselves is nothing.
    [
      "192.0.2.9",
      { "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https" },
      { address: "192.0.2.9", isTls: false, allowsPlain: false },
    ],
    [
      "10.0.0.5",
      { "x-forwarded-for": "127.0.0.1, 192.0.2.7, 10.0.0.6", "x-forwarded-proto": "https" },
      { address: "192.0.2.7", isTls: true, allowsPlain: true },
    ],
    ["10.0.0.5", {}, { address: "10.0.0.5", isTls: false, allowsPlain: true }],
    [
      "10.0.0.5",
      { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "http" },
      { address: "192.0.2.7", isTls: false, allowsPlain: false },
    ],
    // Of several the last is the proxy's own; what stands before it came with the request.
    [
      "10.0.0.5",
      { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https, http" },
      { address: "192.0.2.7", isTls: false, allowsPlain: false },
    ],
  ])("%s %o", (remote, headers, origin) => {
    const originOf = createOrigins(["10.0.0.0/8"]);
    expect(originOf(request(remote, headers))).toEqual(origin);
  });
});
