import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ALL, isRunning, pidsIn } from "../testing/work.fixture.ts";
import { jobs, sha256 } from "./jobs.fixture.ts";

test("an offer is accepted, carried out, and its result told", async () => {
  const { offer, result, logged, link } = jobs();
  const lease = offer({ argv: ["sh", "-c", "echo out; echo err >&2"] });
  const ended = await result(lease);
  expect(ended).toMatchObject({
    lease_id: lease,
    fence: 1,
    status: "succeeded",
    exit_code: 0,
    stdout_bytes: 4,
    stderr_bytes: 4,
    files: [],
  });
  expect([logged(lease), logged(lease, "stderr")]).toEqual(["out\n", "err\n"]);
  expect(link().frames.find(({ type }) => type === "task_accept")).toMatchObject({ id: "offer-1" });
});

test("a job that fails says with what", async () => {
  const { offer, result } = jobs();
  expect(await result(offer({ argv: ["sh", "-c", "exit 7"] }))).toMatchObject({
    status: "failed",
    exit_code: 7,
    error: "exec_failed",
  });
  expect(await result(offer({ argv: ["sh", "-c", "kill -9 $$"] }))).toMatchObject({
    status: "failed",
    exit_code: -1,
    signal: "SIGKILL",
  });
  const missing = await result(offer({ argv: ["no-such-program"] }));
  expect(missing).toMatchObject({ status: "failed", error: "exec_failed" });
  expect(missing.error_detail).toContain("no-such-program");
});

test("input, variables and folders are the job's own", async () => {
  const { offer, result, logged, root } = jobs({
    environment: { PATH: process.env["PATH"], SECRET: "x" },
  });
  const lease = offer({
    argv: ["sh", "-c", 'cat; pwd; echo "$A|$SECRET|$IN"; ls -a; touch left', "x", "${YARD_WORK}"],
    env: { A: "it's", IN: "${YARD_PACK}/f" },
    stdin_b64: Buffer.from("in\n").toString("base64"),
    cwd: "work",
  });
  expect((await result(lease)).status).toBe("succeeded");
  const [input, work, variables, ...listed] = logged(lease).trimEnd().split("\n");
  expect(input).toBe("in");
  expect(work).toMatch(new RegExp(`^${root}/state/run/.*/work$`));
  expect(variables).toMatch(/^it's\|\|\/.*\/packs\/\d+\/f$/);
  expect(listed).toEqual([".", ".."]);
});

test("node and python are found on the node, and a program of the job's own runs from anywhere", async () => {
  const { offer, result, logged, serve, fileOf } = jobs();
  const script = "console.log(process.version, process.argv[2], require('./lib/part.js'))";
  const part = "module.exports = 'part'";
  const lease = offer({
    argv: ["main.js", "arg"],
    interpreter: "node",
    cwd: "work",
    files: [fileOf("main.js", script), fileOf("lib/part.js", part)],
  });
  await serve(lease, [script, part]);
  expect((await result(lease)).status).toBe("succeeded");
  expect(logged(lease)).toBe(`${process.version} arg part\n`);
  const py = offer({ argv: ["-c", "print('py')"], interpreter: "python" });
  expect((await result(py)).status).toBe("succeeded");
  expect(logged(py)).toBe("py\n");
  const own = "#!/bin/sh\necho own";
  const executable = offer({ argv: ["./bin/tool"], files: [fileOf("bin/tool", own, "0755")] });
  await serve(executable, [own]);
  await result(executable);
  expect(logged(executable)).toBe("own\n");
});

test("files are fetched once, in pieces, and are read-only where the job finds them", async () => {
  const { offer, result, logged, serve, fileOf, link } = jobs();
  const content = randomBytes(10_000).toString("hex");
  const files = [fileOf("a/f", content), fileOf("same", content), fileOf("empty", "")];
  const command = [
    "sh",
    "-c",
    "cat a/f | sha256sum; cmp a/f same; wc -c < empty; stat -c %a a/f a empty",
  ];
  const first = offer({ argv: command, cwd: "pack", files });
  const need = await serve(first, [content, ""]);
  expect(need.files).toHaveLength(2);
  expect((await result(first)).status).toBe("succeeded");
  expect(logged(first)).toBe(`${sha256(content)}  -\n0\n444\n555\n444\n`);
  const acks = link().frames.filter((frame) => frame.type === "task_file_ack");
  expect(acks.at(-1)).toBeDefined();
  expect(Math.max(...acks.map((ack) => (ack.type === "task_file_ack" ? ack.offset : 0)))).toBe(
    20_000,
  );
  const second = offer({ argv: command, cwd: "pack", files });
  expect((await result(second)).status).toBe("succeeded");
  expect(link().frames.filter(({ type }) => type === "task_need")).toHaveLength(1);
});

test("what a job does to its files is gone for the next", async () => {
  const { offer, result, logged, serve, fileOf } = jobs();
  const files = [fileOf("f", "clean"), fileOf("d/g", "too")];
  const spoil = offer({
    argv: ["sh", "-c", "chmod -R u+w .; echo spoilt > f; rm d/g"],
    cwd: "pack",
    files,
  });
  await serve(spoil, ["clean", "too"]);
  expect((await result(spoil)).status).toBe("succeeded");
  const next = offer({ argv: ["cat", "f", "d/g"], cwd: "pack", files });
  expect((await result(next)).status).toBe("succeeded");
  expect(logged(next)).toBe("cleantoo");
});

test("a file that arrives as something else is asked for again, and then given up", async () => {
  const { offer, result, serve, fileOf, link, send } = jobs();
  const lease = offer({ argv: ["cat", "f"], cwd: "pack", files: [fileOf("f", "right")] });
  await link().next("task_need");
  const wrong = {
    type: "task_file",
    lease_id: lease,
    sha256: sha256("right"),
    offset: 0,
    eof: true,
  } as const;
  send({ ...wrong, data: Buffer.from("wrong") });
  await vi.waitFor(() =>
    expect(link().frames.filter(({ type }) => type === "task_need")).toHaveLength(2),
  );
  await serve(lease, ["right"]);
  expect((await result(lease)).status).toBe("succeeded");
  const other = offer({ argv: ["cat", "f"], cwd: "pack", files: [fileOf("f", "never")] });
  await link().next("task_need", (frame) => frame.lease_id === other);
  for (let time = 0; time < 2; time += 1) {
    send({ ...wrong, lease_id: other, sha256: sha256("never"), data: Buffer.from("wrong") });
  }
  expect(await result(other)).toMatchObject({ status: "failed", error: "io_error" });
});

test("files that a cut link left in part are gone on with", async () => {
  const all = jobs();
  const { offer, result, fileOf, send, work, logged, connect, use, link, serve } = all;
  const content = randomBytes(5_000).toString("hex");
  const lease = offer({ argv: ["sha256sum", "f"], cwd: "pack", files: [fileOf("f", content)] });
  await link().next("task_need");
  const data = Buffer.from(content).subarray(0, 4_000);
  send({ type: "task_file", lease_id: lease, sha256: sha256(content), offset: 0, data });
  await link().next("task_file_ack", ({ offset }) => offset === 4_000);
  link().isGone = true;
  work.linkDown();
  expect(work.leases()).toEqual([{ lease_id: lease, fence: 1, last_seq: 0 }]);
  const next = use(connect(ALL));
  work.linkUp(next, { calls: [], leases: [{ lease_id: lease, keep: true }] });
  expect((await next.next("task_need")).files).toEqual([
    { sha256: sha256(content), offset: 4_000 },
  ]);
  await serve(lease, [content]);
  expect((await result(lease)).status).toBe("succeeded");
  expect(logged(lease)).toContain(sha256(content));
});

test("files that the job asks to hand back are described, fetched by range, and gone when it is done", async () => {
  const { offer, result, send, link, folders } = jobs();
  const lease = offer({
    argv: [
      "sh",
      "-c",
      "mkdir -p out/deep; echo a > out/a.txt; printf 0123456789 > out/deep/b.txt; echo c > c.log; ln -s /etc/passwd out/link.txt",
    ],
    collect: ["out/**/*.txt"],
  });
  const { files } = await result(lease);
  expect(files).toEqual([
    { path: "out/a.txt", bytes: 2, sha256: sha256("a\n") },
    { path: "out/deep/b.txt", bytes: 10, sha256: sha256("0123456789") },
  ]);
  send({ type: "task_fetch", lease_id: lease, path: "out/deep/b.txt", offset: 4, length: 3 });
  const piece = await link().next("task_file_data");
  expect([piece.data.toString(), piece.offset, piece.eof]).toEqual(["456", 4, false]);
  send({ type: "task_fetch", lease_id: lease, path: "c.log", offset: 0, length: 10 });
  const refused = await link().next("task_file_data", ({ path }) => path === "c.log");
  expect(refused).toMatchObject({ error: "file_not_found", eof: true });
  expect(folders()).toHaveLength(1);
  send({ type: "task_done", lease_id: lease, accepted: true });
  await vi.waitFor(() => expect(folders()).toEqual([]));
});

test("a canceled job gets TERM, its output is kept, and nothing of it is left", async () => {
  const { offer, result, logged, send } = jobs();
  const lease = offer({
    argv: ["sh", "-c", "trap 'echo tidied; exit 0' TERM; sleep 999 & echo $!; wait; wait"],
  });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  send({ type: "task_cancel", lease_id: lease, grace_ms: 5_000 });
  expect(await result(lease)).toMatchObject({ status: "canceled", error: "exec_canceled" });
  expect(logged(lease)).toContain("tidied");
  expect(isRunning(pid)).toBe(false);
});

test("a job that was canceled before its files came never begins", async () => {
  const { offer, result, send, fileOf, link, allowed } = jobs();
  const lease = offer({ argv: ["touch", `${allowed}/ran`], files: [fileOf("f", "x")] });
  await link().next("task_need");
  send({ type: "task_cancel", lease_id: lease });
  expect(await result(lease)).toMatchObject({ status: "canceled", exit_code: -1 });
  send({
    type: "task_file",
    lease_id: lease,
    sha256: sha256("x"),
    offset: 0,
    data: Buffer.from("x"),
  });
  send({ type: "task_done", lease_id: lease, accepted: true });
  expect(existsSync(join(allowed, "ran"))).toBe(false);
});

test("a job that takes too long is stopped", async () => {
  const { offer, result } = jobs();
  const began = performance.now();
  expect(await result(offer({ argv: ["sleep", "99"], timeout_ms: 200 }))).toMatchObject({
    status: "failed",
    error: "exec_timeout",
    signal: "SIGTERM",
  });
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("what a job leaves in the background ends with it, wherever it went", async () => {
  const { offer, result, logged } = jobs();
  const lease = offer({
    argv: ["sh", "-c", "sleep 999 & echo $!; setsid sh -c 'echo $$; exec sleep 998' & sleep 0.2"],
  });
  expect((await result(lease)).status).toBe("succeeded");
  const pids = pidsIn(logged(lease));
  expect(pids).toHaveLength(2);
  expect(pids.filter(isRunning)).toEqual([]);
});

test("leases are renewed, and a job whose lease is not confirmed is killed", async () => {
  const { offer, logged, link, send, work, folders } = jobs();
  const lease = offer({ argv: ["sh", "-c", "echo $$; exec sleep 999"] }, { lease_ms: 1_000 });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  const renewals = () => link().frames.filter(({ type }) => type === "task_renew");
  for (let count = 1; count <= 5; count += 1) {
    await vi.waitFor(() => expect(renewals().length).toBeGreaterThanOrEqual(count), {
      timeout: 5_000,
    });
    send({ type: "task_renewed", lease_id: lease });
  }
  expect(renewals()[0]).toEqual({ type: "task_renew", lease_id: lease, fence: 1 });
  expect(isRunning(pid)).toBe(true);
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000 });
  expect(work.leases()).toEqual([]);
  await vi.waitFor(() => expect(folders()).toEqual([]));
  expect(link().frames.some(({ type }) => type === "task_result")).toBe(false);
});

test("a lost lease kills at once, and nothing more is said of the job", async () => {
  const { offer, logged, send, link, work } = jobs();
  const lease = offer({
    argv: ["sh", "-c", "trap '' TERM; echo $$; while :; do sleep 0.05; done"],
  });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  send({ type: "task_lost", lease_id: lease });
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
  expect(work.load().jobs).toBe(0);
  expect(link().frames.some(({ type }) => type === "task_result")).toBe(false);
});

test("a job goes on while the link is down, and its log and result follow on the next", async () => {
  const all = jobs();
  const { offer, result, logged, work, allowed, connect, use, link } = all;
  const command = `echo one; while [ ! -e ${allowed}/go ]; do sleep 0.01; done; echo two`;
  const lease = offer({ argv: ["sh", "-c", command] }, { lease_ms: 1_000 });
  await vi.waitFor(() => expect(logged(lease)).toBe("one\n"));
  link().isGone = true;
  work.linkDown();
  writeFileSync(join(allowed, "go"), "");
  await vi.waitFor(() => expect(work.load().jobs).toBe(0));
  expect(work.leases()).toEqual([{ lease_id: lease, fence: 1, last_seq: 2 }]);
  const next = use(connect(ALL));
  work.linkUp(next, { calls: [], leases: [{ lease_id: lease, keep: true, from_seq: 1 }] });
  expect((await result(lease)).status).toBe("succeeded");
  expect(logged(lease)).toBe("two\n");
  expect(await next.next("task_renew")).toMatchObject({ lease_id: lease });
});

test.each([
  ["that the server does not keep", (lease: string) => [{ lease_id: lease, keep: false }]],
  ["that the server does not name", () => []],
])("a lease %s is given up", async (_, leases) => {
  const { offer, logged, work, connect, use, link } = jobs();
  const lease = offer({ argv: ["sh", "-c", "echo $$; exec sleep 999"] });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  link().isGone = true;
  work.linkDown();
  work.linkUp(use(connect(ALL)), { calls: [], leases: leases(lease) });
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
});

test("when the grace time is over jobs are killed, whatever becomes of calls", async () => {
  const { offer, logged, work, link } = jobs({ orphans: "keep" });
  const lease = offer({ argv: ["sh", "-c", "echo $$; exec sleep 999"] });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  link().isGone = true;
  work.linkDown();
  work.abandon();
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
});

test("without credit a job waits, and nothing of its log is lost", async () => {
  const { offer, result, logged, link, send, allowed } = jobs();
  link().acks = false;
  const command = `head -c 3000000 /dev/zero; touch ${allowed}/ended`;
  const lease = offer({ argv: ["sh", "-c", command] });
  await vi.waitFor(() => expect(logged(lease).length).toBe(1024 * 1024));
  expect(existsSync(join(allowed, "ended"))).toBe(false);
  link().acks = true;
  const { seq } = link()
    .frames.filter((frame) => frame.type === "task_log")
    .at(-1) as { seq: number };
  send({ type: "task_log_ack", lease_id: lease, seq, credit_bytes: 1024 * 1024 });
  expect(await result(lease)).toMatchObject({ status: "succeeded", stdout_bytes: 3_000_000 });
  expect(logged(lease).length).toBe(3_000_000);
});

test("free slots are told on every change, and more jobs than slots are rejected", async () => {
  const { offer, link, send, result, allowed } = jobs({ slots: 1 });
  const ready = () =>
    link().frames.flatMap((frame) => (frame.type === "task_ready" ? [frame.slots] : []));
  const lease = offer({ argv: ["sh", "-c", `while [ ! -e ${allowed}/go ]; do sleep 0.01; done`] });
  await vi.waitFor(() => expect(ready()).toEqual([1, 0]));
  offer({ argv: ["true"] });
  expect(await link().next("task_reject")).toMatchObject({ id: "offer-2", reason: "busy" });
  writeFileSync(join(allowed, "go"), "");
  await result(lease);
  send({ type: "task_done", lease_id: lease, accepted: true });
  await vi.waitFor(() => expect(ready()).toEqual([1, 0, 1]));
});

test.each([
  [
    "without the grant",
    { allow: { exec: true, read: true, write: true, jobs: false } },
    {},
    "command_not_allowed",
  ],
  ["of an unknown kind", {}, { job: { id: "j", kind: "other", payload: {} } }, "unsupported"],
  [
    "without a shape",
    {},
    { job: { id: "j", kind: "process", payload: { argv: [] } } },
    "bad_request",
  ],
])("an offer %s is rejected, with the reason", async (_, options, more, reason) => {
  const { offer, link } = jobs(options);
  offer({ argv: ["true"] }, more);
  const rejected = await link().next("task_reject");
  expect(rejected).toMatchObject({ reason });
  expect(rejected.detail).not.toBe("");
});

test("a file whose path leads out of the job is rejected", async () => {
  const { offer, link, fileOf } = jobs();
  for (const path of ["../x", "/etc/x", "a/../../x"]) {
    offer({ argv: ["true"], files: [fileOf(path, "x")] });
  }
  await vi.waitFor(() =>
    expect(link().frames.filter(({ type }) => type === "task_reject")).toHaveLength(3),
  );
});

test("a job that the owner's policy refuses is rejected", async () => {
  const { offer, link, refused } = jobs();
  refused.set("rm -rf /", "not here");
  offer({ argv: ["rm", "-rf", "/"] });
  expect(await link().next("task_reject")).toMatchObject({
    reason: "command_not_allowed",
    detail: "not here",
  });
});

test("an offer that comes again is the same job", async () => {
  const { offer, result, link, allowed } = jobs();
  const payload = { argv: ["sh", "-c", `echo x >> ${allowed}/count; sleep 0.1`] };
  const lease = offer(payload, { lease_id: "same" });
  offer(payload, { lease_id: "same" });
  await result(lease);
  expect(link().frames.filter(({ type }) => type === "task_accept")).toHaveLength(2);
  expect(readFileSync(join(allowed, "count"), "utf8")).toBe("x\n");
});

test("at the end of the node jobs are canceled and told, and no folder is left", async () => {
  const { offer, logged, work, link, root } = jobs();
  const lease = offer({ argv: ["sh", "-c", "echo $$; exec sleep 999"] });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  await work.killAll();
  expect(isRunning(pid)).toBe(false);
  expect(link().frames).toContainEqual(
    expect.objectContaining({ type: "task_result", lease_id: lease, status: "canceled" }),
  );
  expect(readdirSync(join(root, "state/run"))).toEqual([]);
});
