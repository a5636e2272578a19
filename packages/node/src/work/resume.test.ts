import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ALL, BASE, isRunning, pidsIn, type SetUp, setUp } from "./testing/work.fixture.ts";

const MIB = 1024 * 1024;

/** Cuts the link, and answers how the next one goes on. */
function cut({ work, link, connect, use }: SetUp) {
  const before = link();
  before.isGone = true;
  work.linkDown();
  return {
    before,
    /** A new link, on which the server goes on with the calls from the numbers given. */
    goOn(from: Record<string, number>) {
      const next = use(connect(ALL));
      const calls = Object.entries(from).map(
        ([id, from_seq]) => ({ id, action: "continue", from_seq }) as const,
      );
      work.linkUp(next, { calls, leases: [] });
      return next;
    },
    discard(...ids: string[]) {
      const next = use(connect(ALL));
      const calls = ids.map((id) => ({ id, action: "discard", from_seq: 0 }) as const);
      work.linkUp(next, { calls, leases: [] });
      return next;
    },
    fresh() {
      const next = use(connect(ALL));
      work.linkUp(next, "fresh");
      return next;
    },
  };
}

test("a call goes on while the link is down, and its output is said from where the server is", async () => {
  const all = setUp();
  const { start, outcome, work, seen, allowed, link } = all;
  link().acks = false;
  const id = start(
    `echo one; while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo two; touch ${allowed}/went; sleep 0.2; echo three`,
  );
  await vi.waitFor(() => expect(seen(id)).toBe("one\n"));
  const { goOn } = cut(all);
  expect(work.calls()).toEqual([{ id, state: "running", last_seq: 1 }]);
  writeFileSync(join(allowed, "go"), "");
  await vi.waitFor(() => expect(existsSync(join(allowed, "went"))).toBe(true));
  goOn({ [id]: 1 });
  const { stdout, chunks, last } = await outcome(id);
  expect(stdout.toString()).toBe("two\nthree\n");
  expect(chunks[0]?.seq).toBe(2);
  expect(last).toMatchObject({ status: "ok", exit_code: 0 });
});

test("a call that ends while the link is down is told with the next, and ran once", async () => {
  const all = setUp();
  const { start, outcome, work, allowed } = all;
  const id = start(
    `echo x >> ${allowed}/count; touch ${allowed}/begun; while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo end`,
  );
  await vi.waitFor(() => expect(existsSync(join(allowed, "begun"))).toBe(true));
  const { goOn } = cut(all);
  writeFileSync(join(allowed, "go"), "");
  await vi.waitFor(() => expect(work.calls()).toMatchObject([{ id, state: "finished" }]));
  goOn({ [id]: 0 });
  expect((await outcome(id)).stdout.toString()).toBe("end\n");
  expect(readFileSync(join(allowed, "count"), "utf8")).toBe("x\n");
});

test("an outcome that was lost with the link is said again, as often as it is asked for", async () => {
  const all = setUp();
  const { run, outcome } = all;
  all.link().acks = false;
  const { id } = await run("echo hi; (exit 4)");
  for (let time = 0; time < 2; time += 1) {
    cut(all).goOn({ [id]: 0 }).acks = false;
    const again = await outcome(id);
    expect(again.stdout.toString()).toBe("hi\n");
    expect(again.last.exit_code).toBe(4);
  }
});

test("what was acknowledged is not said again", async () => {
  const all = setUp();
  const { run } = all;
  const { id, last } = await run("seq 1 100000");
  const next = cut(all).goOn({ [id]: last.seq });
  await all.run("true");
  expect(next.frames.filter((frame) => frame.type === "exec_chunk" && frame.id === id)).toEqual([]);
});

test("an exec whose id comes again joins the one that runs, or gets its outcome; it never runs twice", async () => {
  const { start, outcome, link, allowed, send } = setUp();
  link().acks = false;
  const id = randomUUID();
  const command = `echo x >> ${allowed}/count; sleep 0.2; echo end`;
  start(command, { id });
  start(command, { id });
  expect((await outcome(id)).stdout.toString()).toBe("end\n");
  link().frames.length = 0;
  start(command, { id });
  expect((await outcome(id)).stdout.toString()).toBe("end\n");
  expect(readFileSync(join(allowed, "count"), "utf8")).toBe("x\n");
  send({ type: "exec_ack", id, seq: 1, credit_bytes: MIB });
});

test("ids are the same call without streams too", async () => {
  const { start, link, allowed } = setUp({ capabilities: BASE });
  const id = start(`echo x >> ${allowed}/count; cat ${allowed}/count`);
  await link().next("exec_result");
  link().frames.length = 0;
  start("echo another", { id });
  expect(await link().next("exec_result")).toMatchObject({ id, stdout: "x\n" });
});

test("a call that the server discards is killed, and nothing more is said of it", async () => {
  const all = setUp();
  const { start, seen, run } = all;
  const id = start("echo $$; sleep 997");
  await vi.waitFor(() => expect(seen(id)).not.toBe(""));
  const next = cut(all).discard(id);
  await vi.waitFor(async () =>
    expect((await run("pgrep -f 'sleep 99[7]'", { shell: "fresh" })).last.exit_code).toBe(1),
  );
  expect(next.frames.some((frame) => frame.type === "exec_chunk" && frame.id === id)).toBe(false);
});

test("a call that the server does not name is discarded", async () => {
  const all = setUp();
  const { start, seen, work } = all;
  const id = start("sh -c 'echo $$; exec sleep 996'");
  await vi.waitFor(() => expect(pidsIn(seen(id))).toHaveLength(1));
  const [pid = 0] = pidsIn(seen(id));
  cut(all).goOn({});
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
  await vi.waitFor(() => expect(work.load().calls).toBe(0));
});

test.each([
  ["killed", "kill", false],
  ["left to themselves where the owner wants that", "keep", true],
] as const)("calls that nobody came back to are %s", async (_, orphans, lives) => {
  const all = setUp({ orphans });
  const { start, seen, work } = all;
  const id = start("sh -c 'echo $$; exec sleep 995'");
  await vi.waitFor(() => expect(pidsIn(seen(id))).toHaveLength(1));
  const [pid = 0] = pidsIn(seen(id));
  cut(all);
  work.abandon();
  if (!lives) await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
  else expect(isRunning(pid)).toBe(true);
});

test("a fresh session does not hear of the calls of the one before", async () => {
  const all = setUp({ orphans: "keep" });
  const { start, seen, run, allowed } = all;
  const id = start(
    `echo begun; while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo more; touch ${allowed}/said`,
  );
  await vi.waitFor(() => expect(seen(id)).toBe("begun\n"));
  const next = cut(all).fresh();
  writeFileSync(join(allowed, "go"), "");
  await vi.waitFor(() => expect(existsSync(join(allowed, "said"))).toBe(true));
  expect((await run("echo on", { session: "b" })).stdout.toString()).toBe("on\n");
  expect(next.frames.some((frame) => frame.type === "exec_chunk" && frame.id === id)).toBe(false);
});

test("while the link is down 64 MiB are kept, and what goes beyond is told", async () => {
  const all = setUp();
  const { start, outcome, work, seen, allowed } = all;
  const id = start(
    `echo begun; while [ ! -e ${allowed}/go ]; do sleep 0.01; done; head -c 80000000 /dev/zero; echo err >&2`,
    { max_output_bytes: 2 ** 40 },
  );
  await vi.waitFor(() => expect(seen(id)).toBe("begun\n"));
  const { goOn } = cut(all);
  writeFileSync(join(allowed, "go"), "");
  await vi.waitFor(() => expect(work.calls()[0]?.state).toBe("finished"));
  goOn({ [id]: 1 });
  const { stdout, last } = await outcome(id);
  expect(last).toMatchObject({ truncated: true, stdout_truncated: true, exit_code: 0 });
  expect(stdout.length).toBeLessThanOrEqual(64 * MIB);
  expect(stdout.length).toBeGreaterThan(60 * MIB);
});

test("a process that waited for credit goes on when the link is cut", async () => {
  const all = setUp();
  const { start, outcome, work, seen, send } = all;
  all.link().acks = false;
  const id = start("head -c 5000000 /dev/zero");
  await vi.waitFor(() => expect(seen(id).length).toBe(MIB));
  const { goOn } = cut(all);
  await vi.waitFor(() => expect(work.calls()[0]?.state).toBe("finished"));
  const next = goOn({ [id]: 0 });
  next.acks = false;
  // Again within the credit: what was kept does not come in one flood.
  expect(seen(id).length).toBeGreaterThan(0);
  expect(seen(id).length).toBeLessThanOrEqual(MIB);
  next.acks = true;
  send({ type: "exec_ack", id, seq: 1, credit_bytes: MIB });
  const { stdout, last } = await outcome(id);
  expect(stdout.length).toBe(5_000_000);
  expect(last.truncated).toBe(false);
});

test("in a drain no new calls are taken, and what runs may end", async () => {
  const all = setUp();
  const { start, outcome, run, work, allowed } = all;
  const id = start(`while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo end`);
  await vi.waitFor(() => expect(work.load().calls).toBe(1));
  const drained = work.drain(10_000);
  expect((await run("echo no")).last).toMatchObject({ error: "busy", exit_code: -1 });
  writeFileSync(join(allowed, "go"), "");
  await drained;
  expect((await outcome(id)).stdout.toString()).toBe("end\n");
  work.linkUp(all.use(all.connect(ALL)), "fresh");
  expect((await run("echo again")).stdout.toString()).toBe("again\n");
});

test("a drain is over when its time is, whatever runs", async () => {
  const { start, work, link } = setUp();
  start("sleep 999");
  await vi.waitFor(() => expect(work.load().calls).toBe(1));
  await work.drain(100);
  expect(link().frames.some(({ type }) => type === "exec_chunk")).toBe(false);
});
