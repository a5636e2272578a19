import type { OutgoingNodeFrame } from "@yardmaster/protocol/node";
import { expect, test, vi } from "vitest";
import { createOutbox } from "../outbox.ts";
import { createBudget } from "../output/budget.ts";
import type { CarriedEnd, OnOutput } from "./carried.ts";
import { createExecCall } from "./exec-call.ts";
import type { Remembered } from "./remembered.ts";

const KIB = 1024;

/** One call on a link that streams, or not; the test plays what carries it. */
function setUp({ streams = true } = {}) {
  const sent: OutgoingNodeFrame[] = [];
  const { outbox, linkUp } = createOutbox();
  linkUp({
    sessionId: "s",
    has: (capability) => capability === "stream" && streams,
    send: (frame) => {
      sent.push(frame);
      return "sent";
    },
    drained: () => Promise.resolve(),
  });
  const budget = createBudget(256 * KIB);
  const onSent = vi.fn<(left: Remembered) => void>();
  let onOutput: OnOutput = () => {};
  let end: (how: CarriedEnd) => void = () => {};
  const ended = new Promise<CarriedEnd>((resolve) => {
    end = resolve;
  });
  const call = createExecCall(
    { type: "exec", id: "c", command: "x" },
    {
      outbox,
      budget,
      carry: (_, toOutput) => {
        onOutput = toOutput;
        return Promise.resolve({ ended, pause() {}, resume() {}, stop: async () => "SIGTERM" });
      },
      leaveLine: () => false,
      onEnd() {},
      onSent,
    },
  );
  call.start();
  return {
    call,
    sent,
    budget,
    onSent,
    print: (bytes: number) => onOutput("stdout", Buffer.alloc(bytes, "x")),
    async endWell() {
      end({ exitCode: 0 });
      await call.ended;
    },
    left: () => onSent.mock.calls[0]?.[0] as Remembered,
  };
}

test("once its answer is sent, all that is left of a call is what may be asked for again", async () => {
  const { call, sent, budget, onSent, print, endWell, left } = setUp();
  print(4 * KIB);
  expect(onSent).not.toHaveBeenCalled();
  await endWell();
  expect(onSent).toHaveBeenCalledOnce();
  expect(left()).toMatchObject({ id: "c" });
  expect([left().state(), left().lastSeq()]).toEqual(["finished", call.lastSeq()]);
  const said = sent.splice(0);
  expect(said.at(-1)).toMatchObject({ type: "exec_chunk", more: false, status: "ok" });
  left().hold();
  expect(sent).toEqual([]);
  left().goOn(0);
  expect(sent).toEqual(said);
  expect(budget.hasRoomFor(256 * KIB)).toBe(false);
  left().ack?.(call.lastSeq(), KIB);
  expect(budget.hasRoomFor(256 * KIB)).toBe(true);
  left().goOn(0);
  expect(sent).toEqual(said);
});

test("it is said again from where the server is, and not at all once nobody asks", async () => {
  const { sent, budget, print, endWell, left } = setUp();
  print(20 * KIB);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  print(KIB);
  await endWell();
  const [, last] = sent.splice(0);
  left().goOn(1);
  expect(sent).toEqual([last]);
  left().mute();
  left().goOn(0);
  expect(sent).toEqual([last]);
  expect(budget.hasRoomFor(256 * KIB)).toBe(true);
});

test("an answer that must heed the credit stays with its call until most of it is acknowledged", async () => {
  const { call, onSent, sent, print, endWell } = setUp();
  print(100 * KIB);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  await endWell();
  expect(onSent).not.toHaveBeenCalled();
  call.ack?.(1, 1024 * KIB);
  expect(onSent).toHaveBeenCalledOnce();
});

test("without streams the whole result is what is left", async () => {
  const { sent, endWell, print, left } = setUp({ streams: false });
  print(KIB);
  await endWell();
  const [result] = sent.splice(0);
  expect(result).toMatchObject({ type: "exec_result", stdout: "x".repeat(KIB) });
  left().goOn(0);
  expect(sent).toEqual([result]);
});
