import type { Step } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { findSlot, partOf, partsLabel, partsWord, readChosenSlot } from "./slots.ts";

const item = (index: number) => ({
  ...{ index, status: "success", error: null },
  ...{ input: { n: index }, output: index },
});
const file = (path: string) => ({ path, bytes: 1, sha256: "0", mode: "0644" });
const attempts = [{ number: 1 }, { number: 2, run: "r2" }];
const steps = [
  {
    id: "one",
    input: { a: 1 },
    output: "o",
    error: null,
    items: null,
    attempts,
    files: [file("a")],
  },
  {
    id: "each",
    items: [item(0), item(1)].map((one) => ({ ...one, attempts: [], files: [file("b")] })),
    attempts: [],
  },
  { id: "again", items: null, rounds: [{ ...item(0), attempts }] },
] as unknown as Step[];

test("finds what went into a step and out of it, and the run that its last attempt was", () => {
  expect(findSlot(steps, "one")).toMatchObject({
    input: { a: 1 },
    output: "o",
    error: null,
    run: "r2",
  });
});

test("finds an item of a for_each and a round of a repeat by its number", () => {
  expect(findSlot(steps, "each#1")).toMatchObject({ input: { n: 1 }, output: 1 });
  expect(findSlot(steps, "again#0")).toMatchObject({ input: { n: 0 }, output: 0, run: "r2" });
});

test("calls the parts of a for_each items, and those of a repeat rounds", () => {
  const [, each, again] = steps as [Step, Step, Step];
  expect([partsLabel(each), partsLabel(again)]).toEqual(["Items of each", "Rounds of again"]);
  expect([partsWord(each), partsWord(again)]).toEqual(["items", "rounds"]);
});

test("finds the files of a step, of an item, and of all items of a step with their numbers", () => {
  expect(findSlot(steps, "one")?.files).toEqual([file("a")]);
  expect(findSlot(steps, "each#1")?.files).toEqual([file("b")]);
  expect(findSlot(steps, "each")?.files.map(({ path, part }) => [path, part])).toEqual([
    ["b", 0],
    ["b", 1],
  ]);
  expect(findSlot(steps, "again#0")?.files).toEqual([]);
});

test("finds nothing for what is not there", () => {
  for (const slot of ["none", "each#7", "one#0"]) expect(findSlot(steps, slot)).toBeUndefined();
});

test("reads what an address says is looked at, and passes over what is none", () => {
  expect(readChosenSlot({ step: "each#3", page: 2 })).toEqual({ step: "each#3" });
  for (const step of ["", 3, true, undefined]) expect(readChosenSlot({ step })).toEqual({});
});

test("knows which part of a step a slot is", () => {
  const step = { id: "each" } as Step;
  expect(partOf(step, "each#3")).toBe(3);
  for (const slot of ["each", "each#", "each#x", "other#3", undefined])
    expect(partOf(step, slot)).toBeUndefined();
});
