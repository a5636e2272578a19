import type { OutgoingNodeFrame } from "@yardmaster/protocol/node";
import { expect, test, vi } from "vitest";
import { createOutbox } from "../outbox.ts";
import { createBudget } from "./budget.ts";
import { type Chunk, createOutflow } from "./outflow.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** An output whose link is full for as long as the test says. */
function setUp() {
  const { outbox, linkUp } = createOutbox();
  const sent: OutgoingNodeFrame[] = [];
  let isFull = false;
  let drain = (): void => {};
  linkUp({
    sessionId: "s",
    has: () => true,
    send(frame) {
      sent.push(frame);
      return isFull ? "full" : "sent";
    },
    drained: () =>
      new Promise((resolve) => {
        drain = resolve;
      }),
  });
  const budget = createBudget(4 * MIB);
  const onSent = vi.fn<(left: readonly Chunk[]) => void>();
  const frameOf = (seq: number, data: Buffer, more: boolean) =>
    ({ type: "exec_chunk", id: "c", seq, stream: "stdout", data, more }) as OutgoingNodeFrame;
  const outflow = createOutflow({
    outbox,
    budget,
    frameOf: (seq, piece) => frameOf(seq, piece.data, true),
    onRoom() {},
    onCut() {},
    onSent,
  });
  return {
    outflow,
    budget,
    onSent,
    print: (bytes: number) => outflow.take("stdout", Buffer.alloc(bytes, "x")),
    end: () => outflow.finish((seq) => frameOf(seq, Buffer.alloc(0), false)),
    seqs: () => sent.flatMap((frame) => (frame.type === "exec_chunk" ? [frame.seq] : [])),
    fill() {
      isFull = true;
      outbox.send({ type: "pong", ts: "1" });
    },
    async makeRoom() {
      isFull = false;
      drain();
      await Promise.resolve();
    },
  };
}

test("output that was acknowledged, or that nobody will ask for, takes no room from others", () => {
  const { outflow, budget, print } = setUp();
  outflow.hold();
  for (let i = 0; i < 16; i++) print(256 * KIB);
  expect(budget.hasRoomFor(1)).toBe(false);
  outflow.ack(outflow.lastSeq(), MIB);
  expect(budget.hasRoomFor(4 * MIB)).toBe(true);
  print(300 * KIB);
  print(1);
  outflow.mute();
  expect(budget.hasRoomFor(4 * MIB)).toBe(true);
});

test("with nothing under way one chunk goes out, however little the credit is", () => {
  const { outflow, print, seqs } = setUp();
  outflow.hold();
  for (let i = 0; i < 6; i++) print(256 * KIB);
  outflow.replay(0);
  expect(seqs()).toEqual([1, 2, 3, 4]);
  outflow.ack(3, 100 * KIB);
  expect(seqs()).toEqual([1, 2, 3, 4]);
  outflow.ack(4, 100 * KIB);
  expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  outflow.ack(5, 0);
  expect(seqs()).toEqual([1, 2, 3, 4, 5]);
});

test("an end that waits for a full link is not taken for sent", async () => {
  const { outflow, print, end, seqs, onSent, fill, makeRoom } = setUp();
  outflow.hold();
  print(20 * KIB);
  end();
  fill();
  outflow.replay(0);
  expect(seqs()).toEqual([]);
  expect(onSent).not.toHaveBeenCalled();
  await makeRoom();
  expect(seqs()).toEqual([1, 2]);
  expect(onSent).toHaveBeenCalledOnce();
});
