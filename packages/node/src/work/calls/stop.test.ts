import { expect, test, vi } from "vitest";
import { isRunning, pidsIn, type SetUp, setUp } from "../testing/work.fixture.ts";

const linux = process.platform === "linux";
if (!linux) console.log("skipped: no /proc, processes that escape by setsid were not tested");

/** Waits until a call has printed a word. */
async function printed({ seen }: SetUp, id: string, word: string): Promise<void> {
  await vi.waitFor(() => expect(seen(id)).toContain(word), { interval: 5 });
}

const SHELLS = ["session", "fresh"] as const;

test.each(SHELLS)(
  "a timeout leaves no process, in the foreground or the background (%s)",
  async (shell) => {
    const { run, seen } = setUp();
    const { id, last } = await run("sleep 999 & echo $!; sh -c 'echo $$; exec sleep 999'", {
      shell,
      timeout_ms: 1_000,
    });
    expect(last).toMatchObject({
      status: "timeout",
      exit_code: -1,
      error: "exec_timeout",
      signal: "SIGTERM",
    });
    const pids = pidsIn(seen(id));
    expect(pids).toHaveLength(2);
    expect(pids.filter(isRunning)).toEqual([]);
    expect((await run("echo on", { shell })).stdout.toString()).toBe("on\n");
  },
);

test("what was printed before a timeout is kept", async () => {
  const { run } = setUp();
  const { stdout, stderr, last } = await run("echo half; echo err >&2; sleep 99", {
    timeout_ms: 1_000,
  });
  expect([stdout.toString(), stderr.toString()]).toEqual([
    "half\n",
    expect.stringMatching(/^err\n/),
  ]);
  expect(last.status).toBe("timeout");
});

test("the session keeps its folder and variables through a timeout", async () => {
  const { run } = setUp();
  await run("cd /usr; kept=1");
  const { last } = await run("sleep 99; echo NEVER", { timeout_ms: 1_000 });
  expect(last).toMatchObject({ status: "timeout", shell_restarted: false });
  expect((await run("pwd; echo $kept")).stdout.toString()).toBe("/usr\n1\n");
});

/** Each ends with a line that must not be reached: what comes after a stopped command is not run. */
const STUCK = [
  ["a command", "sleep 99"],
  ["a pipeline", "sleep 99 | cat | cat"],
  ["a subshell", "(sleep 99; echo NEVER)"],
  ["a loop of the shell", "while :; do :; done"],
  ["a loop in a function", "f() { while :; do :; done; echo NEVER; }; g() { f; echo NEVER; }; g"],
  ["a command in a function", "f() { sleep 99; echo NEVER; }; f"],
  ["a substitution", "x=$(sleep 99)"],
  ["a loop over a pipeline", "yes | while read x; do :; done"],
  ["a loop that starts processes", "while :; do sleep 0.01; done"],
  ["a loop with arithmetic", "for ((;;)); do ((i++)); done"],
  ["waiting for the background", "sleep 99 & wait"],
  ["reading from a substitution", "read x < <(sleep 99)"],
  ["a loop in a subshell", "(while :; do :; done)"],
  ["an evaluated loop", 'eval "while :; do sleep 0.01; done"'],
] as const;

test.each(STUCK)(
  "%s is canceled, with all its processes; the shell lives on",
  async (_, command) => {
    const all = setUp();
    const { start, outcome, send, run } = all;
    await run("kept=1");
    const id = start(`echo ready; ${command}; echo NEVER`);
    await printed(all, id, "ready");
    send({ type: "cancel", id, reason: "user", grace_ms: 5_000 });
    const { stdout, last } = await outcome(id);
    expect(last).toMatchObject({
      status: "canceled",
      exit_code: -1,
      error: "exec_canceled",
      signal: "SIGTERM",
      shell_restarted: false,
    });
    expect(stdout.toString()).toBe("ready\n");
    expect(all.link().frames).toContainEqual({ type: "cancel_ack", id, state: "signaled" });
    expect((await run("echo $kept")).stdout.toString()).toBe("1\n");
  },
);

test("a call that waits behind one that is stopped finds its shell fit", async () => {
  const all = setUp();
  await all.run("kept=1");
  const first = all.start("f() { while :; do :; done; }; echo ready; f");
  const second = all.start("echo $kept; g() { echo in; }; g; echo out");
  await printed(all, first, "ready");
  all.send({ type: "cancel", id: first, grace_ms: 5_000 });
  const { stdout, last } = await all.outcome(second);
  expect(stdout.toString()).toBe("1\nin\nout\n");
  expect(last).toMatchObject({ status: "ok", shell_restarted: false });
});

test("a cancel with less patience than the one before is heeded", async () => {
  const all = setUp();
  const id = all.start("sh -c 'trap \"\" TERM; echo ready; while :; do sleep 0.05; done'");
  await printed(all, id, "ready");
  all.send({ type: "cancel", id, grace_ms: 60_000 });
  all.send({ type: "cancel", id, grace_ms: 0 });
  expect((await all.outcome(id)).last).toMatchObject({ status: "canceled", signal: "SIGKILL" });
});

test("a process that ignores TERM is killed after the grace", async () => {
  const all = setUp();
  const id = all.start("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.05; done'");
  await vi.waitFor(() => expect(pidsIn(all.seen(id))).toHaveLength(1));
  const began = performance.now();
  all.send({ type: "cancel", id, grace_ms: 300 });
  const { last } = await all.outcome(id);
  expect(performance.now() - began).toBeGreaterThanOrEqual(295);
  expect(last).toMatchObject({ status: "canceled", signal: "SIGKILL" });
  expect(isRunning(pidsIn(all.seen(id))[0] ?? 0)).toBe(false);
});

test("TERM comes once, and first: a process can tidy up", async () => {
  const all = setUp();
  const id = all.start(
    "sh -c 'n=0; trap \"n=\\$((n+1))\" TERM; echo ready; while [ $n = 0 ]; do sleep 0.02; done; sleep 0.2; echo tidied $n'",
  );
  await printed(all, id, "ready");
  all.send({ type: "cancel", id, grace_ms: 5_000 });
  const { stdout } = await all.outcome(id);
  expect(stdout.toString()).toBe("ready\ntidied 1\n");
});

test("a shell that will not be interrupted is killed and replaced", async () => {
  const all = setUp();
  const id = all.start("trap '' URG TERM; echo ready; while :; do :; done");
  await printed(all, id, "ready");
  all.send({ type: "cancel", id, grace_ms: 100 });
  const { last } = await all.outcome(id);
  expect(last).toMatchObject({ status: "canceled", shell_restarted: true, signal: "SIGKILL" });
  expect((await all.run("echo on")).stdout.toString()).toBe("on\n");
});

test("a shell that became another program is stopped as that", async () => {
  const all = setUp();
  const id = all.start("echo ready; exec sleep 99");
  await printed(all, id, "ready");
  all.send({ type: "cancel", id, grace_ms: 5_000 });
  expect((await all.outcome(id)).last).toMatchObject({
    status: "canceled",
    shell_restarted: true,
    signal: "SIGTERM",
  });
});

test.skipIf(!linux)("what escaped into a session of its own is found and stopped", async () => {
  const all = setUp();
  const id = all.start(
    "setsid sh -c 'echo $$; exec sleep 999' >&1 & setsid -f sleep 998; echo ready; wait; sleep 99",
  );
  await printed(all, id, "ready");
  await vi.waitFor(() => expect(pidsIn(all.seen(id).replace("ready", ""))).toHaveLength(1));
  const [pid = 0] = pidsIn(all.seen(id).replace("ready", ""));
  all.send({ type: "cancel", id, grace_ms: 5_000 });
  expect((await all.outcome(id)).last.status).toBe("canceled");
  expect(isRunning(pid)).toBe(false);
  expect((await all.run("pgrep -f 'sleep 99[8]'")).stdout.toString()).toBe("");
});

test("what an earlier call left in the background outlives the timeout of a later one", async () => {
  const { run, seen, allowed } = setUp();
  await run(`mkfifo ${allowed}/never`);
  // One is a program, the other a part of the shell that never runs one.
  const first = await run(
    `sleep 999 >/dev/null 2>&1 & echo $!; (while :; do read -t 1 x <>${allowed}/never; done) >/dev/null 2>&1 & echo $!; sleep 0.2`,
  );
  const pids = pidsIn(seen(first.id));
  expect(pids).toHaveLength(2);
  const { last } = await run("sleep 998", { timeout_ms: 1_000 });
  expect(last.status).toBe("timeout");
  expect(pids.filter(isRunning)).toEqual(pids);
});

test("a process in the background does not hold its call open", async () => {
  const { run, seen } = setUp();
  const { id } = await run("sleep 999 & echo $!");
  expect(isRunning(pidsIn(seen(id))[0] ?? 0)).toBe(true);
});

test("a call that waits for its turn can be canceled, and never runs", async () => {
  const all = setUp();
  const first = all.start(`while [ ! -e ${all.allowed}/go ]; do sleep 0.01; done`);
  const second = all.start(`touch ${all.allowed}/ran`);
  all.send({ type: "cancel", id: second, grace_ms: 0 });
  expect((await all.outcome(second)).last).toMatchObject({
    status: "canceled",
    exit_code: -1,
    duration_ms: 0,
  });
  expect(all.link().frames).toContainEqual({ type: "cancel_ack", id: second, state: "dequeued" });
  all.start(`touch ${all.allowed}/go`, { session: "other" });
  await all.outcome(first);
  expect((await all.run(`ls ${all.allowed}`)).stdout.toString()).toBe("go\n");
});

test("time runs from when a call arrives, so that one that waits too long never runs", async () => {
  const all = setUp();
  const first = all.start("sleep 99", { timeout_ms: 2_000 });
  const { last } = await all.run(`touch ${all.allowed}/ran`, { timeout_ms: 1_000 });
  expect(last).toMatchObject({ status: "timeout", exit_code: -1 });
  await all.outcome(first);
  expect((await all.run(`ls ${all.allowed}`)).stdout.toString()).toBe("");
});

test("canceling what has ended, what was canceled and what never was does no harm", async () => {
  const all = setUp();
  const { id } = await all.run("true");
  all.send({ type: "cancel", id });
  all.send({ type: "cancel", id: "never" });
  await all.link().next("cancel_ack", ({ id: acked }) => acked === "never");
  const acks = all.link().frames.filter(({ type }) => type === "cancel_ack");
  expect(acks).toEqual([
    { type: "cancel_ack", id, state: "finished" },
    { type: "cancel_ack", id: "never", state: "unknown" },
  ]);
});

test("a reset kills all of the session, tells how many, and gives a fresh shell in the start folder", async () => {
  const all = setUp();
  const { run, start, outcome, send, link, seen, allowed } = all;
  const { id: background } = await run("cd /; gone=1; sleep 999 >/dev/null 2>&1 & echo $!");
  const [pid = 0] = pidsIn(seen(background));
  const stuck = start("echo ready; sleep 998");
  const waiting = start("echo NEVER");
  await printed(all, stuck, "ready");
  send({ type: "reset", id: "r1", session: "main", reason: "stuck" });
  const result = await link().next("reset_result");
  expect(result).toMatchObject({
    id: "r1",
    status: "ok",
    session: "main",
    cwd: allowed,
    killed: 2,
  });
  expect(result.shell_id).toMatch(/^s-\d+$/);
  expect(isRunning(pid)).toBe(false);
  for (const id of [stuck, waiting]) {
    expect((await outcome(id)).last).toMatchObject({ status: "canceled", error: "session_reset" });
  }
  const next = await run('pwd; echo "[$gone]"');
  expect(next.stdout.toString()).toBe(`${allowed}\n[]\n`);
  expect(next.last.shell_restarted).toBe(false);
});

test("no more shells are started anew at once than 16, and the others are told", async () => {
  const { send, link } = setUp();
  for (let at = 0; at <= 16; at += 1) send({ type: "reset", id: `r${at}`, session: "main" });
  expect(await link().next("reset_result")).toMatchObject({ id: "r16", error: "busy" });
  expect(await link().next("reset_result", ({ id }) => id === "r0")).toMatchObject({
    status: "ok",
  });
});

test("a reset of one session leaves the others alone", async () => {
  const { run, send, link } = setUp();
  await run("kept=1", { session: "other" });
  send({ type: "reset", id: "r1", session: "main" });
  await link().next("reset_result");
  expect((await run("echo $kept", { session: "other" })).stdout.toString()).toBe("1\n");
});

test("at the end of the node nothing is left of it, and open calls are told", async () => {
  const { start, work, link, run, seen } = setUp();
  const { id } = await run("sleep 999 & echo $!");
  const open = start("sleep 998");
  await vi.waitFor(() => expect(work.load().calls).toBe(1));
  await work.killAll();
  expect(isRunning(pidsIn(seen(id))[0] ?? 0)).toBe(false);
  expect(link().frames).toContainEqual(
    expect.objectContaining({ type: "exec_chunk", id: open, status: "canceled" }),
  );
});
