import { describe, expect, it, vi } from "vitest";
import { createHold, startHub } from "./hub.fixture.ts";
import type { HubOptions } from "./hub-options.ts";
import type { HubJobs, LinkSession } from "./jobs.types.ts";
import { BASE, connect, login, OURS, stamp } from "./wire-client.fixture.ts";
import { chunk, startYardClient, type YardClient } from "./yard-client.fixture.ts";
import { ping } from "./yard-node.fixture.ts";

const BY = { actor: "token:test" };

/** A node with one exec under way, of which one chunk came. */
async function startCall(options: Partial<HubOptions> = {}, jobs?: HubJobs) {
  const started = await startHub(options, jobs === undefined ? {} : { jobs });
  const node = started.registry.add("lab-7");
  const yard = await startYardClient(started.url, node);
  const states: string[] = [];
  const onState = (state: string): void => void states.push(state);
  const running = started.hub.exec("lab-7", { command: "x" }, { ...BY, onState });
  running.catch(() => undefined);
  const { id } = await yard.next("exec");
  yard.send(chunk(id, 1, "one "));
  await ping(yard);
  return { ...started, node, yard, running, id: id as string, states };
}

function token(yard: YardClient): unknown {
  return yard.ok["resume_token"];
}

describe("a call", () => {
  it("goes on where it was when its node comes back (B6), and runs once (C21)", async () => {
    const { hub, registry, url, node, yard, running, id, states } = await startCall();
    expect(yard.ok).toMatchObject({ epoch: 1, grace_ms: 120_000 });
    yard.end();
    await vi.waitFor(() => expect(hub.live("lab-7")?.status).toBe("reconnecting"));
    expect(registry.told.at(-1)).toMatchObject({ what: "reconnecting", more: 120_000 });
    await expect(hub.exec("lab-7", { command: "y" }, BY)).rejects.toMatchObject({
      code: "node_offline",
    });
    const calls = [
      { id, state: "running", last_seq: 3 },
      { id: "other", state: "finished", last_seq: 0 },
    ];
    const back = await startYardClient(url, {
      ...node,
      resume: { resume_token: token(yard), calls },
    });
    const ok = await back.next("resume_ok");
    expect(ok["calls"]).toEqual([
      { id, action: "continue", from_seq: 1 },
      { id: "other", action: "discard", from_seq: 0 },
    ]);
    back.send(chunk(id, 2, "two "));
    back.send(chunk(id, 3, "three"));
    back.finish(id, { seq: 4 });
    expect((await running).stdout.toString()).toBe("one two three");
    expect(states).toEqual(["reconnecting", "connected"]);
    expect(back.received.some(({ type }) => type === "exec")).toBe(false);
    expect(back.ok["epoch"]).toBe(2);
  });

  it("goes on where the new link comes before the old one was missed", async () => {
    const { url, node, yard, running, id } = await startCall();
    const calls = [{ id, state: "finished", last_seq: 2 }];
    const resume = { resume_token: token(yard), calls };
    const back = await startYardClient(url, { ...node, resume });
    expect(await yard.closed).toBe(4007);
    await back.next("resume_ok");
    back.finish(id, { seq: 2 });
    expect(await running).toMatchObject({ status: "ok" });
  });

  it("is replaced with its link where the new one does not resume", async () => {
    const { url, node, running } = await startCall({ resumeWaitMs: 60 });
    await startYardClient(url, node);
    await expect(running).rejects.toMatchObject({ code: "connection_replaced" });
  });

  it("fails at once where the node is another process by now", async () => {
    const { url, node, yard, running } = await startCall();
    yard.end();
    await startYardClient(url, { ...node, instance: "i-2" });
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
  });

  it("fails at once where the client that comes back cannot resume", async () => {
    const { url, node, yard, running } = await startCall();
    yard.end();
    await startYardClient(url, { ...node, capabilities: BASE });
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
  });

  it("fails when its node does not come back within the grace", async () => {
    const { hub, registry, node, yard, running } = await startCall({ graceMs: 100 });
    const { sessionId } = node;
    yard.end();
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
    expect(hub.live("lab-7")).toBeUndefined();
    await vi.waitFor(() => expect(registry.told.at(-1)).toMatchObject({ what: "left", sessionId }));
  });

  it("ends at its own deadline, though its link is away, and is discarded afterwards", async () => {
    const { hub, url, node, yard } = await startCall({ resultSlackMs: -5_900 });
    const short = hub.exec("lab-7", { command: "y", timeoutMs: 1_000, session: "b" }, BY);
    const { id } = await yard.next("exec");
    yard.end();
    expect(await short).toMatchObject({ status: "timeout", flags: ["still_running"] });
    const resume = { resume_token: token(yard), calls: [{ id, state: "running", last_seq: 0 }] };
    const back = await startYardClient(url, { ...node, resume });
    expect((await back.next("resume_ok"))["calls"]).toMatchObject([{ id, action: "discard" }]);
  });

  it("is sent again under its id where the node never got it, unless it had begun", async () => {
    const { hub, url, node, yard, running } = await startCall();
    const lost = hub.exec("lab-7", { command: "lost", session: "b" }, BY);
    const write = hub.write("lab-7", { path: "/a", content: Buffer.from("x"), mode: "append" }, BY);
    write.catch(() => undefined);
    const { id } = await yard.next("exec");
    await yard.next("write");
    yard.end();
    const back = await startYardClient(url, { ...node, resume: { resume_token: token(yard) } });
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
    await expect(write).rejects.toMatchObject({ code: "not_received" });
    const again = await back.next("exec");
    expect(again).toMatchObject({ id, command: "lost" });
    back.finish(id);
    expect(await lost).toMatchObject({ status: "ok" });
    expect(back.received.some(({ type }) => type === "write")).toBe(false);
  });

  it("outlives several links, and the token of any of them will do", async () => {
    const { url, node, yard, running, id } = await startCall();
    yard.end();
    const second = await startYardClient(url, node);
    second.end();
    const calls = [{ id, state: "running", last_seq: 1 }];
    const third = await startYardClient(url, {
      ...node,
      resume: { resume_token: token(yard), calls },
    });
    await third.next("resume_ok");
    third.finish(id, { seq: 2 });
    expect((await running).stdout.toString()).toBe("one ");
  });
});

describe("a resume", () => {
  it.each([
    ["unknown", () => "rt_1_AAAA"],
    ["unknown", (own: string) => own.replace("rt_1_", "rt_2_")],
  ])("is refused as %s for a token that was not given", async (reason, forge) => {
    const { url, node, yard, running } = await startCall();
    yard.end();
    const resume = { resume_token: forge(token(yard) as string) };
    const back = await startYardClient(url, { ...node, resume });
    expect(await back.next("resume_err")).toMatchObject({ reason });
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
  });

  it("is good for one session", async () => {
    const { hub, url, node, yard, id } = await startCall();
    yard.end();
    const resume = {
      resume_token: token(yard),
      calls: [{ id, state: "finished", last_seq: 1 }],
    };
    const second = await startYardClient(url, { ...node, resume });
    await second.next("resume_ok");
    second.finish(id, { seq: 2 });
    await vi.waitFor(() => expect(hub.live("lab-7")?.openCalls).toBe(0));
    second.end();
    const third = await startYardClient(url, { ...node, resume });
    expect(await third.next("resume_err")).toMatchObject({ reason: "superseded" });
    third.end();
    const other = hub.live("lab-7");
    expect(other?.epoch).toBe(3);
  });

  it("is refused as expired after the grace", async () => {
    const { url, node, yard, running } = await startCall({ graceMs: 50 });
    yard.end();
    await running.catch(() => undefined);
    const back = await startYardClient(url, { ...node, resume: { resume_token: token(yard) } });
    expect(await back.next("resume_err")).toMatchObject({ reason: "expired" });
  });

  it("comes before any call, also where nothing is known of it here (B1)", async () => {
    const resumeKey = Buffer.alloc(32, 7);
    const before = await startHub({}, { resumeKey });
    const yard = await startYardClient(before.url, before.registry.add("lab-7"));
    // Another process, which has nothing but the key.
    const { hub, registry, url } = await startHub({}, { resumeKey });
    const node = registry.add("lab-7", { epoch: 1 });
    const call = hub.exec("lab-7", { command: "x" }, { ...BY, waitMs: 10_000 });
    const resume = { resume_token: token(yard), calls: [{ id: "old", state: "running" }] };
    const back = await startYardClient(url, { ...node, resume });
    back.finish((await back.next("exec"))["id"]);
    await call;
    const types = back.received.map(({ type }) => type);
    expect(types.indexOf("resume_ok")).toBeLessThan(types.indexOf("exec"));
    const ok = back.received.find(({ type }) => type === "resume_ok");
    expect(ok?.["calls"]).toMatchObject([{ id: "old", action: "discard" }]);
  });
});

it("a call waits until its node could say that it resumes (B1)", async () => {
  const { hub, registry, url } = await startHub();
  const node = registry.add("lab-7");
  const wire = await connect(url);
  await login(wire, { ...node, capabilities: OURS });
  const running = hub.exec("lab-7", { command: "x" }, BY);
  for (const type of ["ping", "ping"]) {
    wire.send({ type, ts: stamp() });
    await wire.next("pong");
  }
  wire.send({ type: "node_info", instance_id: "i-1" });
  await wire.next("ping");
  expect(wire.received.some(({ type }) => type === "exec")).toBe(false);
  wire.send({ type: "pong", ts: stamp() });
  const { id } = await wire.next("exec");
  wire.send({ type: "exec_result", id, status: "ok", exit_code: 0 });
  await running;
});

describe("leases", () => {
  function jobsThat(decide: HubJobs["onResume"]) {
    const told: string[] = [];
    const sessions: LinkSession[] = [];
    const jobs: HubJobs = {
      onOpen(session) {
        sessions.push(session);
        told.push(`open ${session.epoch}`);
      },
      onFrame: (_session, frame) => told.push(frame.type) > 0 && frame.type === "task_log",
      onResume(session, leases) {
        told.push(`resume ${session.epoch}`);
        return decide(session, leases);
      },
      onClosed: (session, reason, graceMs) =>
        told.push(`closed ${session.epoch} ${reason} ${graceMs}`),
    };
    return { jobs, told, sessions };
  }

  it("are told of by session: opened, lost, resumed and decided", async () => {
    const { jobs, told, sessions } = jobsThat(async (_session, leases) =>
      leases.map(({ lease_id, fence }) => ({ lease_id, keep: fence === 3 })),
    );
    const { url, node, yard } = await startCall({}, jobs);
    yard.send({ type: "task_ready", slots: 2 });
    await ping(yard);
    const [session] = sessions;
    expect(session).toMatchObject({ nodeName: "lab-7", isOpen: true, labels: { os: "linux" } });
    await session?.send({ type: "task_lost", lease_id: "l-1" } as never);
    expect(await yard.next("task_lost")).toMatchObject({ lease_id: "l-1" });
    yard.end();
    await vi.waitFor(() => expect(told).toContain("closed 1 lost 120000"));
    const sending = session?.send({ type: "task_lost", lease_id: "l-1" } as never);
    await expect(sending).rejects.toMatchObject({ code: "node_disconnected" });
    const leases = [
      { lease_id: "l-9", fence: 3 },
      { lease_id: "l-8", fence: 2 },
    ];
    const resume = { resume_token: token(yard), leases };
    const back = await startYardClient(url, { ...node, resume });
    expect((await back.next("resume_ok"))["leases"]).toEqual([
      { lease_id: "l-9", keep: true },
      { lease_id: "l-8", keep: false },
    ]);
    await ping(back);
    expect(told).toEqual(["open 1", "task_ready", "closed 1 lost 120000", "resume 2", "open 2"]);
  });

  it("are let go where they cannot be judged, and nothing else waits for it", async () => {
    const hold = createHold();
    const { jobs } = jobsThat(async () => {
      await hold.promise;
      throw new Error("the database is away");
    });
    const { hub, url, node, yard } = await startCall({}, jobs);
    yard.end();
    const resume = { resume_token: token(yard), leases: [{ lease_id: "l-9", fence: 3 }] };
    const back = await startYardClient(url, { ...node, resume });
    const call = hub.exec("lab-7", { command: "y" }, BY);
    hold.release();
    expect((await back.next("resume_ok"))["leases"]).toEqual([{ lease_id: "l-9", keep: false }]);
    back.finish((await back.next("exec"))["id"]);
    await call;
  });

  it("do not let a node flood: what belongs to none counts against its rate", async () => {
    const { jobs } = jobsThat(() => []);
    const { yard } = await startCall({ messagesPerSecond: 20 }, jobs);
    const log = { lease_id: "l-1", data: "" };
    for (let seq = 1; seq <= 50; seq++) yard.send({ type: "task_log", seq, ...log });
    await ping(yard);
    for (let at = 0; at < 20; at++) yard.send({ type: "task_ready", slots: 1 });
    expect(await yard.closed).toBe(4004);
  });
});
