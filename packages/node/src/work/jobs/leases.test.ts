import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

test("leases are renewed, and a job whose lease is not confirmed is killed", async () => {
  const { offer, logged, link, work, folders } = jobs();
  const lease = offer({ argv: ["sh", "-c", "echo $$; exec sleep 999"] }, { lease_ms: 1_000 });
  await vi.waitFor(() => expect(pidsIn(logged(lease))).toHaveLength(1));
  const [pid = 0] = pidsIn(logged(lease));
  const renewals = () => link().frames.filter(({ type }) => type === "task_renew");
  // For longer than one lease lasts.
  await vi.waitFor(() => expect(renewals().length).toBeGreaterThanOrEqual(5));
  expect(renewals()[0]).toEqual({ type: "task_renew", lease_id: lease, fence: 1 });
  expect(isRunning(pid)).toBe(true);
  link().renews = false;
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
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
  const { offer, link, refused, audit } = jobs();
  refused.set("rm -rf /", "not here");
  offer({ argv: ["rm", "-rf", "/"] }, { actor: "run:1" });
  expect(await link().next("task_reject")).toMatchObject({
    reason: "command_not_allowed",
    detail: "not here",
  });
  expect(audit).toMatchObject([
    { action: "job", phase: "begin", actor: "run:1", details: { command: "rm -rf /" } },
    { action: "job", phase: "end", status: "rejected", details: { error: "command_not_allowed" } },
  ]);
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
