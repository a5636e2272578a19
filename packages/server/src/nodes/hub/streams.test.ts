import { describe, expect, it } from "vitest";
import { createHold } from "./hub.fixture.ts";
import { OURS } from "./wire-client.fixture.ts";
import { chunk } from "./yard-client.fixture.ts";
import { noteId, ping, startYardNode } from "./yard-node.fixture.ts";

const BY = { actor: "token:test" };

describe("output", () => {
  it("goes no faster than its reader: credit is given for what was taken", async () => {
    const { hub, yard } = await startYardNode();
    const hold = createHold();
    const pieces: number[] = [];
    const onOutput = ({ bytes }: { bytes: Buffer }): Promise<void> => {
      pieces.push(bytes.length);
      return hold.promise;
    };
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, onOutput });
    const { id } = await yard.next("exec");
    const text = "x".repeat(64 * 1024);
    for (let seq = 1; seq <= 16; seq++) yard.send(chunk(id, seq, text));
    await ping(yard);
    expect(pieces).toHaveLength(1);
    expect(yard.received.some(({ type }) => type === "exec_ack")).toBe(false);
    hold.release();
    const acks = [];
    for (let at = 0; at < 4; at++) acks.push(await yard.next("exec_ack"));
    expect(acks.map((ack) => ack["seq"])).toEqual([4, 8, 12, 16]);
    expect(acks[0]).toMatchObject({ id, credit_bytes: 2 ** 20 });
    yard.finish(id, { seq: 17 });
    const outcome = await running;
    expect([pieces.length, outcome.stdout.length]).toEqual([16, 0]);
  });

  it("is dropped, and said to be, where a node sends more than its credit", async () => {
    const { hub, yard } = await startYardNode();
    const hold = createHold();
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, onOutput: () => hold.promise });
    const { id } = await yard.next("exec");
    const text = "x".repeat(2 ** 20);
    for (let seq = 1; seq <= 6; seq++) yard.send(chunk(id, seq, text));
    yard.finish(id, { seq: 7 });
    await ping(yard);
    hold.release();
    expect(await running).toMatchObject({ stdoutTruncated: true, status: "ok" });
  });

  it("is kept up to its limit, and told by stream to be cut", async () => {
    const { hub, yard } = await startYardNode();
    const running = hub.exec("lab-7", { command: "x", maxOutputBytes: 5 }, BY);
    const { id } = await yard.next("exec");
    yard.send(chunk(id, 1, "1234"));
    yard.send(chunk(id, 2, "5678"));
    yard.send(chunk(id, 3, "12345", "stderr"));
    yard.finish(id, { seq: 4 });
    const outcome = await running;
    expect(outcome.stdout.toString()).toBe("12345");
    expect([outcome.stdoutTruncated, outcome.stderrTruncated]).toEqual([true, false]);
  });

  it("counts each piece once, and tells of a gap", async () => {
    const { hub, yard } = await startYardNode();
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    for (const seq of [1, 2, 2, 1, 4]) yard.send(chunk(id, seq, String(seq)));
    yard.finish(id, { seq: 5 });
    const outcome = await running;
    expect(outcome.stdout.toString()).toBe("124");
    expect(outcome.flags).toEqual(["output_gap"]);
  });

  it("may come in binary messages where both sides agreed", async () => {
    const { hub, yard } = await startYardNode({}, { capabilities: [...OURS, "binary"] });
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    const header = Buffer.alloc(22);
    header[0] = 1;
    header.write((id as string).replaceAll("-", ""), 1, "hex");
    header.writeUInt32BE(1, 17);
    header[21] = 1;
    yard.raw(Buffer.concat([header, Buffer.from("bytes")]));
    yard.finish(id, { seq: 2 });
    expect((await running).stderr.toString()).toBe("bytes");
  });

  it("ends the call, whatever becomes of its reader", async () => {
    const { hub, yard } = await startYardNode();
    const onOutput = () => Promise.reject(new Error("hung up"));
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, onOutput });
    const { id } = await yard.next("exec");
    yard.send(chunk(id, 1, "a"));
    yard.send(chunk(id, 2, "b"));
    yard.finish(id, { seq: 3 });
    expect(await running).toMatchObject({ status: "ok" });
  });
});

describe("input", () => {
  it("goes in numbered pieces to the command that asked for it", async () => {
    const { hub, yard } = await startYardNode();
    const { noted, onStarted } = noteId();
    const pty = { cols: 80, rows: 24, term: "xterm" };
    const running = hub.exec("lab-7", { command: "sh", stdin: "pty", pty }, { ...BY, onStarted });
    expect(await yard.next("exec")).toMatchObject({ stdin: "pty", pty });
    await hub.input("lab-7", noted.id, { bytes: Buffer.from("ls\r") });
    await hub.resize("lab-7", noted.id, { cols: 100, rows: 30 });
    await hub.input("lab-7", noted.id, { eof: true });
    const first = await yard.next("exec_input");
    expect(first).toEqual({ type: "exec_input", id: noted.id, seq: 1, data: "bHMN" });
    expect(await yard.next("exec_resize")).toMatchObject({ cols: 100, rows: 30 });
    expect(await yard.next("exec_input")).toMatchObject({ seq: 2, data: "", eof: true });
    await expect(hub.input("lab-7", noted.id, { eof: true })).rejects.toMatchObject({
      code: "conflict",
    });
    yard.finish(noted.id, { stream: "pty" });
    await running;
    await expect(hub.input("lab-7", noted.id, { eof: true })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("that the node does not take stops the command, which is not said not to have run", async () => {
    const { hub, yard } = await startYardNode();
    const { noted, onStarted } = noteId();
    const running = hub.exec("lab-7", { command: "sh", stdin: "pipe" }, { ...BY, onStarted });
    await yard.next("exec");
    await hub.input("lab-7", noted.id, { bytes: Buffer.from("x") });
    await yard.next("exec_input");
    yard.send({
      type: "error",
      id: noted.id,
      code: 4015,
      reason: "busy",
      detail: "too much waits",
    });
    await expect(running).rejects.toMatchObject({
      code: "node_busy",
      message:
        "Node lab-7, the command was stopped, a part of its input was not taken: too much waits",
    });
    expect(await yard.next("cancel")).toMatchObject({ id: noted.id, reason: "input_lost" });
  });

  it("is for commands that were begun with it, and their sizes for terminals", async () => {
    const { hub, yard } = await startYardNode();
    const conflict = { code: "conflict" };
    for (const stdin of ["null", "pipe"] as const) {
      const { noted, onStarted } = noteId();
      const running = hub.exec("lab-7", { command: "x", stdin }, { ...BY, onStarted });
      const { id } = await yard.next("exec");
      await expect(hub.resize("lab-7", noted.id, { cols: 1, rows: 1 })).rejects.toMatchObject(
        conflict,
      );
      const input = hub.input("lab-7", noted.id, { eof: true });
      if (stdin === "null") await expect(input).rejects.toMatchObject(conflict);
      else await input;
      yard.finish(id);
      await running;
    }
    expect(yard.received.some(({ type }) => type === "exec_resize")).toBe(false);
  });

  it("may be given whole, and is cut into what a frame holds", async () => {
    const { hub, yard } = await startYardNode();
    const stdinBytes = Buffer.alloc(100_000, "i");
    const running = hub.exec("lab-7", { command: "cat", stdinBytes }, BY);
    const { id, stdin } = await yard.next("exec");
    expect(stdin).toBe("pipe");
    const pieces = [await yard.next("exec_input"), await yard.next("exec_input")];
    const bytes = pieces.map((piece) => Buffer.from(piece["data"] as string, "base64").length);
    expect([bytes, pieces.map((piece) => piece["eof"])]).toEqual([
      [65_536, 34_464],
      [undefined, true],
    ]);
    yard.finish(id);
    await running;
  });
});
