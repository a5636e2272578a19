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
  expect([...memory.all()]).toHaveLength(10_000);
});

test("what is left of a call takes its place, in its turn, and nobody else's", () => {
  let now = 0;
  const memory = createMemory(() => now);
  memory.add(remembered("first"));
  memory.add(remembered("second"));
  memory.replace(remembered("first", { lastSeq: () => 7 }));
  memory.replace(remembered("never added"));
  expect(memory.list()).toEqual([
    { id: "first", state: "finished", last_seq: 7 },
    { id: "second", state: "finished", last_seq: 3 },
  ]);
  now = 600_000;
  expect(memory.list()).toEqual([]);
});
