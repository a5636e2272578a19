import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeFrames } from "@yardmaster/protocol/node";
import { expect, test, vi } from "vitest";
import { ALL, type SetUp, setUp, type TestLink } from "../testing/work.fixture.ts";

const PIECE = Buffer.alloc(64 * 1024, "x");
/** As many whole pieces as the node keeps. */
const AHEAD = 16;

/** A command that reads when it is told to, and counts. */
function startLate(all: SetUp, more: Parameters<SetUp["start"]>[1] = {}) {
  const { start, allowed, send } = all;
  const command = `while [ ! -e ${allowed}/go ]; do sleep 0.01; done; wc -c`;
  const id = start(command, { stdin: "pipe", input_acks: true, ...more });
  const input = (seq: number, data: Buffer = PIECE, eof = false) =>
    send({ type: "exec_input", id, seq, data, eof });
  return { id, input, go: () => writeFileSync(join(allowed, "go"), "") };
}

function acksOf(link: TestLink, id: string): number[] {
  return link.frames.flatMap((frame) =>
    frame.type === "exec_input_ack" && frame.id === id ? [frame.seq] : [],
  );
}

test.each(["session", "fresh"] as const)(
  "a command that begins to read late gets every byte, however much it is, and says what it has taken (%s)",
  async (shell) => {
    const all = setUp();
    const { link, outcome, run } = all;
    const { id, input, go } = startLate(all, { shell });
    let sent = 0;
    const fill = (taken: number): void => {
      for (; sent < 128 && sent - taken < AHEAD; sent += 1) input(sent + 1, PIECE, sent === 127);
    };
    fill(0);
    await run("true", { shell: "fresh" });
    // The pipe of the system holds a little.
    expect(Math.max(0, ...acksOf(link(), id))).toBeLessThan(AHEAD / 2);
    go();
    for (let taken = 0; taken < 128; fill(taken)) {
      ({ seq: taken } = await link().next(
        "exec_input_ack",
        (frame) => frame.id === id && frame.seq > taken,
      ));
    }
    expect((await outcome(id)).stdout.toString().trim()).toBe(String(128 * PIECE.length));
    expect(link().frames.filter(({ type }) => type === "error")).toEqual([]);
  },
);

test("what a terminal has taken is acknowledged as well", async () => {
  const { start, send, link, outcome } = setUp();
  const id = start("read a; read b; echo $a$b", { stdin: "pty", input_acks: true });
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("one\r") });
  await link().next("exec_input_ack", (frame) => frame.id === id && frame.seq === 1);
  send({ type: "exec_input", id, seq: 2, data: Buffer.from("two\r") });
  await link().next("exec_input_ack", (frame) => frame.id === id && frame.seq === 2);
  expect((await outcome(id)).pty.toString()).toContain("onetwo");
});

test("input that is said again over the next link is fed once, and acknowledged there once", async () => {
  const all = setUp();
  const { link, work, outcome, connect, use } = all;
  const { id, input, go } = startLate(all);
  input(1, Buffer.from("one"));
  await link().next("exec_input_ack", ({ seq }) => seq === 1);
  link().isGone = true;
  work.linkDown();
  const next = use(connect(ALL));
  work.linkUp(next, { calls: [{ id, action: "continue", from_seq: 0 }], leases: [] });
  for (let time = 0; time < 3; time += 1) input(1, Buffer.from("one"));
  input(2, Buffer.from("two"), true);
  go();
  expect((await outcome(id)).stdout.toString().trim()).toBe("6");
  expect(acksOf(next, id)).toEqual([1, 2]);
});

test("input that comes when the command has ended is not answered: its end was", async () => {
  const all = setUp();
  const { run, send, link } = all;
  const { id } = await run("true", { stdin: "pipe", input_acks: true });
  send({ type: "exec_input", id, seq: 1, data: PIECE });
  await run("true");
  const answers: readonly (keyof NodeFrames)[] = ["error", "exec_input_ack"];
  expect(link().frames.filter(({ type }) => answers.includes(type))).toEqual([]);
});

test("nothing is acknowledged where nobody asked for it", async () => {
  const { start, send, outcome, link } = setUp();
  const id = start("cat", { stdin: "pipe" });
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("x"), eof: true });
  await outcome(id);
  expect(acksOf(link(), id)).toEqual([]);
});

test("a command that never reads may be stopped while its input waits", async () => {
  const { start, send, outcome, link } = setUp();
  const id = start("sleep 998", { stdin: "pipe", input_acks: true });
  for (let seq = 1; seq <= AHEAD; seq += 1) send({ type: "exec_input", id, seq, data: PIECE });
  await vi.waitFor(() => expect(acksOf(link(), id)).not.toEqual([]));
  send({ type: "cancel", id, grace_ms: 0 });
  expect((await outcome(id)).last).toMatchObject({ status: "canceled" });
});
