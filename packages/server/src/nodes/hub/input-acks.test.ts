import { INPUT_ACKS } from "@yardmaster/protocol/node";
import { describe, expect, it, vi } from "vitest";
import type { ExecRequest } from "./hub.types.ts";
import type { HubOptions } from "./hub-options.ts";
import type { Frame } from "./wire-client.fixture.ts";
import { startYardClient, type YardClient } from "./yard-client.fixture.ts";
import { noteId, ping, startYardNode } from "./yard-node.fixture.ts";

const BY = { actor: "token:test" };
const FEATURES = { features: [INPUT_ACKS] };
const PIECE = Buffer.alloc(64 * 1024, "i");
/** As many whole pieces as may be on their way. */
const AHEAD = 16;

/** A command that waits for input, on a node that acknowledges it. */
async function startCall(options: Partial<HubOptions> = {}, more: Partial<ExecRequest> = {}) {
  const started = await startYardNode(options, FEATURES);
  const { hub, yard } = started;
  const { noted, onStarted } = noteId();
  const request: ExecRequest = { command: "x", stdin: "pipe", ...more };
  const running = hub.exec("lab-7", request, { ...BY, onStarted });
  running.catch(() => undefined);
  expect(await yard.next("exec")).toMatchObject({ input_acks: true });
  const { id } = noted;
  const give = (bytes: Uint8Array = PIECE) => hub.input("lab-7", id, { bytes });
  const ack = (seq: number, of: YardClient = yard) => of.send({ type: "exec_input_ack", id, seq });
  /** Gives all that may be on its way. */
  const fill = async (): Promise<void> => {
    for (let at = 0; at < AHEAD; at++) await give();
  };
  return { ...started, running, id, give, ack, fill };
}

function inputs({ received }: YardClient): Frame[] {
  return received.filter(({ type }) => type === "exec_input");
}

function seqs(yard: YardClient): unknown[] {
  return inputs(yard).map(({ seq }) => seq);
}

/** A pong overtakes what waits on the link. */
const come = (yard: YardClient, count: number): Promise<void> =>
  vi.waitFor(() => expect(inputs(yard)).toHaveLength(count));

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe("input that the node acknowledges", () => {
  it("waits while a megabyte of it was not read, and goes on as the command reads", async () => {
    const { yard, fill, give, ack, running, id } = await startCall();
    await fill();
    const given = vi.fn();
    const next = [give(), give()].map((one) => one.then(given));
    await come(yard, AHEAD);
    await ping(yard);
    expect(given).not.toHaveBeenCalled();
    ack(1);
    await next[0];
    await come(yard, AHEAD + 1);
    expect(given).toHaveBeenCalledTimes(1);
    ack(AHEAD);
    await Promise.all(next);
    await come(yard, AHEAD + 2);
    expect(seqs(yard)).toEqual(upTo(AHEAD + 2));
    yard.finish(id);
    expect(await running).toMatchObject({ status: "ok" });
  });

  it("is bounded by its number as well: a thousand empty pieces take memory too", async () => {
    const { yard, give, ack } = await startCall();
    await Promise.all(Array.from({ length: 1_024 }, () => give(Buffer.from("x"))));
    const one = give(Buffer.from("x"));
    await come(yard, 1_024);
    ack(1);
    await one;
  });

  it("may be given again where the command does not read it in time: nothing of it was sent", async () => {
    const { yard, fill, give, ack, hub, id } = await startCall({ inputWaitMs: 20 });
    await fill();
    await expect(give(Buffer.from("late"))).rejects.toMatchObject({ code: "node_busy" });
    const last = { bytes: Buffer.from("late"), eof: true };
    await expect(hub.input("lab-7", id, last)).rejects.toMatchObject({
      code: "node_busy",
      message: expect.stringContaining("give it again"),
    });
    ack(AHEAD);
    await ping(yard);
    await give(Buffer.from("late"));
    await hub.input("lab-7", id, { eof: true });
    await come(yard, AHEAD + 2);
    expect(inputs(yard).slice(AHEAD)).toMatchObject([
      { seq: AHEAD + 1, data: Buffer.from("late").toString("base64") },
      { seq: AHEAD + 2, data: "", eof: true },
    ]);
  });

  it("is refused where more pieces wait than one who gives one after the other has", async () => {
    const { fill, give, running, yard, id } = await startCall();
    await fill();
    const waiting = Array.from({ length: 64 }, () => give());
    const over = Promise.allSettled(waiting);
    await expect(give()).rejects.toMatchObject({ code: "node_busy" });
    yard.finish(id);
    await running;
    expect(new Set((await over).map(({ status }) => status))).toEqual(new Set(["rejected"]));
  });

  it("that waits when the call ends was not taken, and says so", async () => {
    const { fill, give, yard, id, running } = await startCall();
    await fill();
    const waiting = give();
    const refused = expect(waiting).rejects.toMatchObject({ code: "not_found" });
    await ping(yard);
    yard.finish(id);
    await running;
    await refused;
    await come(yard, AHEAD);
  });

  it("does not hold up a cancel: the node that never acknowledges ends the call, and what waits", async () => {
    const { hub, fill, give, yard, id, running } = await startCall();
    await fill();
    const refused = expect(give()).rejects.toMatchObject({ code: "not_found" });
    const canceling = hub.cancel("lab-7", id, BY);
    expect(await yard.next("cancel")).toMatchObject({ id });
    yard.send({ type: "cancel_ack", id, state: "signaled" });
    expect(await canceling).toBe("signaled");
    yard.finish(id, { status: "canceled", exit_code: -1 });
    expect(await running).toMatchObject({ status: "canceled" });
    await refused;
  });

  it("goes as the command reads it where it is given whole", async () => {
    const stdinBytes = Buffer.alloc(20 * PIECE.length + 1, "w");
    const { yard, ack, id, running } = await startCall({}, { stdin: undefined, stdinBytes });
    await come(yard, AHEAD);
    await ping(yard);
    ack(AHEAD);
    await come(yard, 21);
    expect(seqs(yard)).toEqual(upTo(21));
    expect(inputs(yard).map(({ eof }) => eof === true)).toEqual([
      ...Array.from({ length: 20 }, () => false),
      true,
    ]);
    yard.finish(id);
    await running;
  });

  it("does not wait where the node acknowledges none", async () => {
    const { hub, yard } = await startYardNode();
    const { noted, onStarted } = noteId();
    const running = hub.exec("lab-7", { command: "x", stdin: "pipe" }, { ...BY, onStarted });
    expect(await yard.next("exec")).not.toHaveProperty("input_acks");
    for (let at = 0; at < 2 * AHEAD; at++) await hub.input("lab-7", noted.id, { bytes: PIECE });
    await come(yard, 2 * AHEAD);
    yard.finish(noted.id);
    await running;
  });
});

describe("acknowledgements of input", () => {
  it("do not count against the node's rate, during the call and after it", async () => {
    const { hub, yard, give, ack, id, running } = await startCall({ messagesPerSecond: 10 });
    for (let seq = 1; seq <= 40; seq++) {
      await give(Buffer.from("x"));
      if (seq <= 20) ack(seq);
    }
    yard.finish(id);
    await running;
    for (const seq of upTo(40, 21)) ack(seq);
    const next = hub.exec("lab-7", { command: "y" }, BY);
    yard.finish((await yard.next("exec"))["id"]);
    expect(await next).toMatchObject({ status: "ok" });
    expect(hub.live("lab-7")).toMatchObject({ status: "connected" });
  });

  it.each([
    ["that came already", 1],
    ["of what was never sent", 99],
  ])("%s count", async (_what, seq) => {
    const { yard, give, ack } = await startCall({ messagesPerSecond: 10 });
    await give();
    await give();
    ack(1);
    for (let at = 0; at < 20; at++) ack(seq);
    expect(await yard.closed).toBe(4004);
  });

  it("count when they are more than a call that has ended had pieces", async () => {
    const { yard, give, ack, id, running } = await startCall({ messagesPerSecond: 10 });
    await give();
    yard.finish(id);
    await running;
    for (let at = 0; at < 20; at++) ack(1);
    expect(await yard.closed).toBe(4004);
  });
});

describe("input and a link that is lost", () => {
  it("is said again from what was acknowledged, with what was given meanwhile", async () => {
    const { hub, url, node, yard, give, ack, id, running } = await startCall();
    for (const text of ["a", "b", "c"]) await give(Buffer.from(text));
    ack(1);
    await ping(yard);
    yard.end();
    await vi.waitFor(() => expect(hub.live("lab-7")?.status).toBe("reconnecting"));
    const meanwhile = give(Buffer.from("d"));
    const calls = [{ id, state: "running", last_seq: 0 }];
    const resume = { resume_token: yard.ok["resume_token"], calls };
    const back = await startYardClient(url, { ...node, ...FEATURES, resume });
    await meanwhile;
    ack(4, back);
    await give(Buffer.from("e"));
    await come(back, 4);
    const said = inputs(back).map(({ seq, data }) => [
      seq,
      Buffer.from(data as string, "base64").toString(),
    ]);
    expect(said).toEqual([
      [2, "b"],
      [3, "c"],
      [4, "d"],
      [5, "e"],
    ]);
    back.finish(id);
    expect(await running).toMatchObject({ status: "ok" });
  });

  it("is sent whole with a call that the node never got", async () => {
    const { url, node, yard, give, id, running } = await startCall();
    await give(Buffer.from("a"));
    await give(Buffer.from("b"));
    yard.end();
    const resume = { resume_token: yard.ok["resume_token"] };
    const back = await startYardClient(url, { ...node, ...FEATURES, resume });
    expect(await back.next("exec")).toMatchObject({ id, input_acks: true });
    await come(back, 2);
    expect(seqs(back)).toEqual([1, 2]);
    back.finish(id);
    expect(await running).toMatchObject({ status: "ok" });
  });

  it("ends a call that would go on without a part of it", async () => {
    const { hub, url, node, yard } = await startYardNode();
    const { noted, onStarted } = noteId();
    const running = hub.exec("lab-7", { command: "x", stdin: "pipe" }, { ...BY, onStarted });
    await yard.next("exec");
    await hub.input("lab-7", noted.id, { bytes: Buffer.from("a") });
    yard.end();
    const resume = { resume_token: yard.ok["resume_token"] };
    await startYardClient(url, { ...node, resume });
    await expect(running).rejects.toMatchObject({ code: "not_received" });
  });
});
