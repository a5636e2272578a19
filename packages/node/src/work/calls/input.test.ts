import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { setUp } from "../testing/work.fixture.ts";

const MIB = 1024 * 1024;
const SHELLS = ["session", "fresh"] as const;

test.each(SHELLS)("input comes in order, and ends where it says so (%s)", async (shell) => {
  const { start, outcome, send } = setUp();
  const id = start("cat; echo end", { shell, stdin: "pipe" });
  // The first piece overtakes the start of the command.
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("one\n") });
  send({ type: "exec_input", id, seq: 2, data: Buffer.from([0, 255, 13, 10]) });
  send({ type: "exec_input", id, seq: 3, data: Buffer.alloc(0), eof: true });
  const { stdout, last } = await outcome(id);
  expect(last.exit_code).toBe(0);
  expect(stdout).toEqual(Buffer.from("one\n\0\xff\r\nend\n", "latin1"));
});

test("a megabyte of input comes through whole, a piece that is said again once", async () => {
  const { start, outcome, send, link } = setUp();
  const id = start("sha256sum; cat | wc -c", { stdin: "pipe" });
  const piece = Buffer.alloc(64 * 1024, "x");
  for (let seq = 1; seq <= 15; seq += 1) {
    send({ type: "exec_input", id, seq, data: piece });
    send({ type: "exec_input", id, seq, data: piece });
  }
  send({ type: "exec_input", id, seq: 16, data: piece, eof: true });
  const { stdout } = await outcome(id);
  const sum = createHash("sha256").update(Buffer.alloc(MIB, "x")).digest("hex");
  expect(stdout.toString()).toBe(`${sum}  -\n0\n`);
  expect(link().frames.filter(({ type }) => type === "error")).toEqual([]);
});

test("input that nobody reads is bounded, and refused beyond", async () => {
  const { start, send, link } = setUp();
  const id = start("sleep 30", { stdin: "pipe" });
  for (let seq = 1; seq <= 40; seq += 1) {
    send({ type: "exec_input", id, seq, data: Buffer.alloc(64 * 1024) });
  }
  const error = await link().next("error", (frame) => frame.id === id);
  expect(error).toMatchObject({ code: 4015, reason: "busy" });
  send({ type: "cancel", id, grace_ms: 0 });
});

test("a piece that is missing is told", async () => {
  const { start, send, link } = setUp();
  const id = start("cat", { stdin: "pipe" });
  send({ type: "exec_input", id, seq: 2, data: Buffer.from("x") });
  expect(await link().next("error", (frame) => frame.id === id)).toMatchObject({ code: 4000 });
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("x"), eof: true });
});

test("input after the end, and for a call that asked for none, does no harm", async () => {
  const { run, start, outcome, send, link } = setUp();
  const { id } = await run("true");
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("x") });
  expect(await link().next("error", (frame) => frame.id === id)).toMatchObject({ code: 4000 });
  const other = start("sleep 0.1; cat; echo done");
  send({ type: "exec_input", id: other, seq: 1, data: Buffer.from("x") });
  expect(await link().next("error", (frame) => frame.id === other)).toMatchObject({ code: 4000 });
  expect((await outcome(other)).stdout.toString()).toBe("done\n");
});

test("a command that ends without reading its input has ended", async () => {
  const { start, outcome, send } = setUp();
  const id = start("head -n 1", { stdin: "pipe" });
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("first\nsecond\n") });
  const { stdout, last } = await outcome(id);
  expect([stdout.toString(), last.exit_code]).toEqual(["first\n", 0]);
});

test("variables set while reading input stay in the session", async () => {
  const { start, outcome, send, run } = setUp();
  const id = start("read line", { stdin: "pipe" });
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("kept\n") });
  await outcome(id);
  expect((await run("echo $line")).stdout.toString()).toBe("kept\n");
});

test("a program runs without a shell, its arguments as they are", async () => {
  const { run } = setUp();
  const argv = ["printf", "[%s]", "a b", "$HOME", "*", "it's", ""];
  const { stdout, last } = await run("printf …", { argv, env: { X: "1" } });
  expect(stdout.toString()).toBe("[a b][$HOME][*][it's][]");
  expect(last).toMatchObject({ status: "ok", exit_code: 0 });
});

test("a program's folder, variables, exit code and signal are its own", async () => {
  const { run, allowed } = setUp();
  const code = "process.stdout.write(process.cwd() + process.env.X); process.exit(9)";
  const ended = await run("node", {
    argv: [process.execPath, "-e", code],
    cwd: allowed,
    env: { X: "!" },
  });
  expect(ended.stdout.toString()).toBe(`${allowed}!`);
  expect(ended.last).toMatchObject({ status: "error", exit_code: 9, cwd: allowed });
  const killed = await run("sh", { argv: ["sh", "-c", "kill -9 $$"] });
  expect(killed.last).toMatchObject({ status: "error", exit_code: -1, signal: "SIGKILL" });
});

test("a program that is not there is told by its name", async () => {
  const { run } = setUp();
  const { last } = await run("x", { argv: ["no-such-program-here", "x"] });
  expect(last).toMatchObject({ status: "error", exit_code: -1, error: "exec_failed" });
  expect(last.error_detail).toContain("no-such-program-here");
  const line = await run("y", { argv: ["no-such-program-here; exit 3"] });
  expect(line.last.error_detail).toContain("a line for a shell comes as `command`");
});

test("a fresh shell leaves no trace in the session", async () => {
  const { run } = setUp();
  await run("x=1; cd /", { shell: "fresh" });
  expect((await run('echo "[$x]"')).stdout.toString()).toBe("[]\n");
});

test("fresh shells and programs do not wait for a session at work", async () => {
  const { start, run, outcome, allowed } = setUp();
  const busy = start(`while [ ! -e ${allowed}/go ]; do sleep 0.01; done`);
  expect((await run("echo a", { shell: "fresh" })).stdout.toString()).toBe("a\n");
  await run("touch", { argv: ["touch", `${allowed}/go`] });
  expect((await outcome(busy)).last.status).toBe("ok");
});

test("a terminal is one: it has a size, can be resized, and echoes what is typed", async () => {
  const { start, outcome, send, seen } = setUp();
  const id = start('tty; stty size; read x; stty size; echo "got $x"', {
    stdin: "pty",
    pty: { cols: 100, rows: 30, term: "xterm-256color" },
  });
  await vi.waitFor(() => expect(seen(id, "pty")).toContain("30 100"));
  expect(seen(id, "pty")).toMatch(/^\/dev\//);
  send({ type: "exec_resize", id, cols: 132, rows: 50 });
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("hello\r") });
  const { pty, last } = await outcome(id);
  expect(pty.toString()).toContain("hello\r\n50 132\r\ngot hello\r\n");
  expect(last).toMatchObject({ status: "ok", exit_code: 0 });
});

test("a terminal opens where its session stands, with what that exports", async () => {
  const { run } = setUp();
  await run("cd /usr; export KEPT='a b'");
  const { pty } = await run("pwd; echo $KEPT $TERM", { stdin: "pty" });
  expect(pty.toString()).toBe("/usr\r\na b xterm-256color\r\n");
});

test("a terminal does not wait for a session at work", async () => {
  const { start, run, outcome, allowed } = setUp();
  const busy = start(`while [ ! -e ${allowed}/go ]; do sleep 0.01; done`);
  await run(`touch ${allowed}/go`, { stdin: "pty" });
  expect((await outcome(busy)).last.status).toBe("ok");
});

test("an interactive shell in a terminal ends with its input, and passes its exit code on", async () => {
  const { start, outcome, send, seen } = setUp();
  const id = start("bash", { argv: ["bash", "--norc", "-i"], stdin: "pty", env: { PS1: "> " } });
  await vi.waitFor(() => expect(seen(id, "pty")).toContain("> "));
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("(exit 3)\r") });
  send({ type: "exec_input", id, seq: 2, data: Buffer.alloc(0), eof: true });
  expect((await outcome(id)).last).toMatchObject({ status: "error", exit_code: 3 });
});

test("an interactive shell that is canceled goes, with what runs in it", async () => {
  const { start, outcome, send, seen, run } = setUp();
  const id = start("bash", { argv: ["bash", "--norc", "-i"], stdin: "pty", env: { PS1: "> " } });
  await vi.waitFor(() => expect(seen(id, "pty")).toContain("> "));
  send({ type: "exec_input", id, seq: 1, data: Buffer.from("sleep 997\r") });
  await vi.waitFor(async () =>
    expect((await run("pgrep -f 'sleep 99[7]'")).last.exit_code).toBe(0),
  );
  // More patience than this test has.
  send({ type: "cancel", id, grace_ms: 600_000 });
  expect((await outcome(id)).last).toMatchObject({ status: "canceled", exit_code: -1 });
  expect((await run("pgrep -f 'sleep 99[7]'")).last.exit_code).toBe(1);
});

test("all that a terminal shows arrives, however slowly it is taken", async () => {
  const { start, outcome, send, link, seen } = setUp();
  for (let time = 0; time < 5; time += 1) {
    link().acks = false;
    // The end of it stands in the terminal, unread, when the program is over.
    const id = start("head -c 1090000 /dev/zero | tr '\\0' x", { stdin: "pty" });
    await vi.waitFor(() => expect(seen(id, "pty").length).toBe(MIB));
    link().acks = true;
    const chunks = link().frames.filter((frame) => frame.type === "exec_chunk" && frame.id === id);
    const { seq } = chunks.at(-1) as { seq: number };
    send({ type: "exec_ack", id, seq, credit_bytes: MIB });
    const { pty, last } = await outcome(id);
    expect([pty.length, last.status]).toEqual([1_090_000, "ok"]);
  }
});

test("a program that prints fast to a terminal is heard to its last line", async () => {
  const { run } = setUp();
  const { pty } = await run("seq 1 300000", { stdin: "pty", max_output_bytes: 64 * MIB });
  const lines = pty.toString().split("\r\n");
  expect([lines.length, lines.at(-2)]).toEqual([300_001, "300000"]);
});
