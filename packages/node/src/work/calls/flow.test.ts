import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { setUp } from "../testing/work.fixture.ts";

const MIB = 1024 * 1024;

test("the first byte is seen while the command runs", async () => {
  const { start, outcome, link, allowed } = setUp();
  const id = start(`echo first; while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo last >&2`);
  const chunk = await link().next(
    "exec_chunk",
    (frame) => frame.id === id && frame.stream === "stdout",
  );
  expect(chunk).toMatchObject({ seq: 1, more: true });
  start(`touch ${allowed}/go`, { session: "other" });
  expect((await outcome(id)).stderr.toString()).toBe("last\n");
});

test("a command that ends at once needs one frame", async () => {
  const { run } = setUp();
  await run("true");
  const { chunks, last } = await run("echo hi");
  expect(chunks).toHaveLength(1);
  expect(last).toMatchObject({ seq: 1, stream: "stdout", data: Buffer.from("hi\n"), more: false });
});

test("chunks have one sequence over both streams, in the order of the output, and the last has every field", async () => {
  const { start, outcome, link, allowed } = setUp();
  // Each is printed when the one before has arrived.
  const told = (name: string) => `while [ ! -e ${allowed}/${name} ]; do sleep 0.01; done`;
  const id = start(
    `for i in 1 2 3; do echo o$i; ${told("o$i")}; echo e$i >&2; ${told("e$i")}; done`,
  );
  for (const name of ["o1", "e1", "o2", "e2", "o3", "e3"]) {
    await link().next("exec_chunk", (chunk) => chunk.data.toString() === `${name}\n`);
    writeFileSync(join(allowed, name), "");
  }
  const { chunks, last } = await outcome(id);
  expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
  const texts = chunks.map(({ data }) => data.toString()).filter((text) => text !== "");
  expect(texts).toEqual(["o1\n", "e1\n", "o2\n", "e2\n", "o3\n", "e3\n"]);
  expect(Object.keys(last)).toEqual(
    expect.arrayContaining([
      ...["id", "seq", "stream", "data", "more", "status", "exit_code", "duration_ms", "cwd"],
      ...["truncated", "stdout_truncated", "stderr_truncated", "shell_restarted"],
    ]),
  );
});

test("output that flows fast comes in large chunks", async () => {
  const { run } = setUp();
  const { chunks, stdout } = await run("head -c 20000000 /dev/zero", {
    max_output_bytes: 64 * MIB,
  });
  expect(stdout.length).toBe(20_000_000);
  expect(chunks.length).toBeLessThan(20_000_000 / (32 * 1024));
  expect(Math.max(...chunks.map(({ data }) => data.length))).toBeLessThanOrEqual(256 * 1024);
});

test("without acknowledgement no more than the credit is sent, and the process waits", async () => {
  const { start, outcome, link, send, seen, allowed } = setUp();
  link().acks = false;
  const id = start(`yes | head -c 8000000 | tee ${allowed}/made; echo done > ${allowed}/ended`, {
    max_output_bytes: 64 * MIB,
  });
  await vi.waitFor(() => expect(seen(id).length).toBe(MIB));
  const made = () => statSync(join(allowed, "made")).size;
  await vi.waitFor(() => expect(made()).toBeGreaterThan(MIB));
  // Credit, what was read ahead, and what two pipes hold; far from all.
  expect(made()).toBeLessThan(MIB + 512 * 1024 + 4 * 64 * 1024);
  expect(existsSync(join(allowed, "ended"))).toBe(false);
  link().acks = true;
  const { seq } = link()
    .frames.filter((frame) => frame.type === "exec_chunk")
    .at(-1) as { seq: number };
  send({ type: "exec_ack", id, seq, credit_bytes: MIB });
  const { stdout, last } = await outcome(id);
  expect(stdout.length).toBe(8_000_000);
  expect(last.truncated).toBe(false);
});

test("credit counts from the chunk that was acknowledged", async () => {
  const { start, link, send, seen } = setUp();
  link().acks = false;
  const id = start("head -c 3000000 /dev/zero");
  await vi.waitFor(() => expect(seen(id).length).toBe(MIB));
  send({ type: "exec_ack", id, seq: 1, credit_bytes: MIB });
  const first = (await link().next("exec_chunk")).data.length;
  await vi.waitFor(() => expect(seen(id).length).toBe(MIB + first));
  send({ type: "exec_ack", id, seq: 2, credit_bytes: 0 });
  await nextTurn();
  await nextTurn();
  expect(seen(id).length).toBe(MIB + first);
});

test("a slow reader costs the node no memory", async () => {
  const { start, link, seen } = setUp({ slots: 8 });
  link().acks = false;
  global.gc?.();
  const before = process.memoryUsage().rss;
  const ids = Array.from({ length: 8 }, (_, index) =>
    start("yes", { session: `s${index}`, max_output_bytes: 2 ** 40 }),
  );
  await vi.waitFor(() => {
    for (const id of ids) expect(seen(id).length).toBe(MIB);
  });
  // What the test itself has stored of each is in it, too.
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
});

test("a full link is waited for, and nothing is lost", async () => {
  const { start, outcome, link, seen, run, allowed } = setUp();
  link().isFull = true;
  await run("echo the outcome does not wait: it is small");
  const id = start(`touch ${allowed}/begun; head -c 600000 /dev/zero`);
  await vi.waitFor(() => expect(existsSync(join(allowed, "begun"))).toBe(true));
  await run("true", { session: "other" });
  expect(seen(id).length).toBe(0);
  link().makeRoom();
  expect((await outcome(id)).stdout.length).toBe(600_000);
});
