import { expect, test } from "vitest";
import { createMemory, type Remembered } from "./remembered.ts";

function remembered(id: string, more: Partial<Remembered> = {}): Remembered {
  return {
    id,
    state: () => "finished",
    lastSeq: () => 3,
    hold() {},
    goOn() {},
    discard() {},
    mute() {},
    ...more,
  };
}

test("ended calls are remembered for ten minutes, running ones for as long as they run", () => {
  let now = 0;
  const memory = createMemory(() => now);
  const muted: string[] = [];
  memory.add(remembered("ended", { mute: () => void muted.push("ended") }));
  memory.add(remembered("running", { state: () => "running" }));
  expect(memory.list()).toEqual([
    { id: "ended", state: "finished", last_seq: 3 },
    { id: "running", state: "running", last_seq: 3 },
  ]);
  now = 599_000;
  memory.list();
  expect(memory.get("ended")).toBeDefined();
  now = 600_000;
  expect(memory.list().map(({ id }) => id)).toEqual(["running"]);
  expect(memory.get("ended")).toBeUndefined();
  expect(muted).toEqual(["ended"]);
});

test("ended calls are forgotten after their time also where nobody asks for the list", () => {
  let now = 0;
  const memory = createMemory(() => now);
  memory.add(remembered("first"));
  now = 10_000;
  memory.add(remembered("second"));
  expect(memory.get("first")).toBeDefined();
  now = 610_000;
  memory.add(remembered("third"));
  expect(memory.get("first")).toBeUndefined();
});

test("of more than ten thousand calls the oldest that have ended are forgotten", () => {
  const memory = createMemory(() => 0);
  memory.add(remembered("running", { state: () => "running" }));
  for (let call = 0; call < 10_000; call += 1) memory.add(remembered(`call-${call}`));
  expect(memory.get("running")).toBeDefined();
  expect(memory.get("call-0")).toBeUndefined();
  expect(memory.get("call-1")).toBeDefined();
  expect(memory.all()).toHaveLength(10_000);
});

test("of what has been sent, 16 MiB may be asked for again: beyond, the oldest is forgotten", () => {
  const memory = createMemory(() => 0);
  const one = 64 * 1024;
  memory.add(remembered("running", { state: () => "running" }));
  memory.add(remembered("silent"));
  const ids = Array.from({ length: 10_000 }, (_, index) => `call-${index}`);
  let sent = 0;
  for (const id of ids) {
    memory.add(remembered(id, { state: () => "running" }));
    const mute = () => {
      sent -= one;
    };
    sent += one;
    memory.replace(remembered(id, { sentBytes: () => one, mute }));
    expect(sent).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(memory.get(id)).toBeDefined();
  }
  expect(memory.get("call-0")).toBeUndefined();
  expect(memory.get("call-9900")).toBeDefined();
  expect(memory.get("running")).toBeDefined();
  expect(memory.get("silent")).toBeDefined();
});

test("who ended last is forgotten last, however long ago it began", () => {
  const memory = createMemory(() => 0);
  let state: "running" | "finished" = "running";
  memory.add(remembered("long", { state: () => state }));
  for (let call = 0; call < 9_999; call += 1) memory.add(remembered(`call-${call}`));
  state = "finished";
  memory.replace(remembered("long"));
  memory.add(remembered("next"));
  expect(memory.get("long")).toBeDefined();
  expect(memory.get("call-0")).toBeUndefined();
});

test("what is left of a call takes its place behind those that ended before, and nobody else's", () => {
  let now = 0;
  const memory = createMemory(() => now);
  memory.add(remembered("first"));
  memory.add(remembered("second"));
  memory.replace(remembered("first", { lastSeq: () => 7 }));
  memory.replace(remembered("never added"));
  expect(memory.list()).toEqual([
    { id: "second", state: "finished", last_seq: 3 },
    { id: "first", state: "finished", last_seq: 7 },
  ]);
  now = 600_000;
  expect(memory.list()).toEqual([]);
});
