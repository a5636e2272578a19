import type { Json, StepFile } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { describeEffect, type Effect, payloadOf, readPayload } from "./effects.ts";
import { begin, reusableOf } from "./index.ts";
import { fileUsesOf } from "./slots/file-uses.ts";
import { ended, FACTS, template, workflow } from "./testing/build.ts";

const file = (path: string, sum = "a", more: Partial<StepFile> = {}): StepFile => ({
  path,
  bytes: 3,
  sha256: sum.repeat(64),
  mode: "0644",
  ...more,
});
const json = (value: unknown): Json => value as Json;
const MADE = [file("a.txt"), file("go", "b", { mode: "0755" })];

const given = (effects: readonly Effect[]) =>
  effects.flatMap((one) => (one.type === "dispatch" ? [[one.slot, one.number, one.files]] : []));
const success = (slot: string, number: number, files?: readonly StepFile[]) => ({
  ...ended(slot, number, "success"),
  ...(files === undefined ? {} : { files }),
});

describe("files of steps", () => {
  const flow = workflow({
    make: {},
    use: {
      files: template(({ steps }) => (steps as { make: { files: Json } }).make.files),
      retry: { attempts: 2 },
    },
  });

  it("are part of the recorded result, and every try of a later step gets the same", () => {
    const made = advance(flow, begin(flow, {}, FACTS, 0).state, [success("make", 1, MADE)]);
    expect(made.state.steps["make"]?.files).toEqual(MADE);
    expect(given(made.effects)).toEqual([["use", 1, MADE]]);
    const failed = advance(flow, made.state, [ended("use", 1, "failed")]);
    expect(given(failed.effects)).toEqual([["use", 2, MADE]]);
  });

  it("stand in the payload of an attempt that is given some, and in no other", () => {
    const first = begin(flow, {}, FACTS, 0);
    const made = advance(flow, first.state, [success("make", 1, MADE)]);
    const [bare, full] = [first.effects[0] as Effect, made.effects[0] as Effect];
    const steps = flow.steps;
    expect(payloadOf(bare)).toBe("{}");
    expect(readPayload(steps[0] ?? {}, JSON.parse(payloadOf(bare)))).toEqual({ input: {} });
    expect(readPayload(steps[1] ?? {}, JSON.parse(payloadOf(full)))).toEqual({
      input: {},
      files: MADE,
    });
  });

  it("are part of the decision: other files are another one", () => {
    const decided = (files: readonly StepFile[]) =>
      advance(flow, begin(flow, {}, FACTS, 0).state, [success("make", 1, files)]).effects.map(
        (effect) => describeEffect(effect),
      );
    expect(decided(MADE)).toEqual(decided(MADE));
    expect(decided(MADE)).not.toEqual(decided([file("a.txt", "c")]));
  });

  it("are taken over with the step by a new try of the run", () => {
    const made = advance(flow, begin(flow, {}, FACTS, 0).state, [success("make", 1, MADE)]);
    const failed = advance(flow, made.state, [
      ended("use", 1, "failed"),
      { ...ended("use", 2, "failed") },
    ]);
    const reused = reusableOf(flow, failed.state);
    expect(reused.files).toEqual({ make: MADE });
    expect(given(begin(flow, {}, FACTS, 0, reused).effects)).toEqual([["use", 1, MADE]]);
  });

  it("fail the step where what is given are none, and say why", () => {
    const made = advance(flow, begin(flow, {}, FACTS, 0).state, [
      success("make", 1, [file("../a")]),
    ]);
    expect(made.state.steps["use"]?.error).toMatchObject({
      code: "expression_failed",
      message: expect.stringContaining('files: "../a" is no path'),
    });
  });
});

describe("what a step's files came to", () => {
  it("may be files, lists of lists of them, and folders to put them into", () => {
    const value = [[file("b")], [[file("a")], []], { from: [file("c")], to: "in/x" }];
    expect(fileUsesOf(json(value))).toEqual({
      files: [file("a"), file("b"), file("in/x/c")],
    });
    expect(fileUsesOf(json({ from: [file("b"), file("b")] }))).toEqual({ files: [file("b")] });
    expect(fileUsesOf([])).toEqual({ files: [] });
    expect(fileUsesOf(json({ from: file("a") }))).toEqual({ files: [file("a")] });
  });

  it("may be as many and as large as the limits say, and empty", () => {
    const many = Array.from({ length: 1_000 }, (_, i) => file(`f${i}`, "a", { bytes: 0 }));
    expect(fileUsesOf(json(many))).toMatchObject({ files: { length: 1_000 } });
    const large = [file("a", "a", { bytes: 2 ** 29 }), file("b", "b", { bytes: 0 })];
    expect(fileUsesOf(json(large))).toEqual({ files: large });
  });

  it.each([
    ["text", '"text" is no file of a step'],
    [[null], "null is no file"],
    [{ path: "a", bytes: 1 }, "are no files of a step"],
    [{ ...file("a"), path: 1 }, "are no files of a step"],
    [{ ...file("a"), bytes: "3" }, "are no files of a step"],
    [file("a", "a", { bytes: 0.5 }), "are no files of a step"],
    [file("a", "A"), "are no files of a step"],
    [file("a", "a", { bytes: -1 }), "are no files of a step"],
    [file("/etc/passwd"), "relative to the work folder"],
    [{ from: [file("a")], to: "../up" }, 'to: "../up" is no folder'],
    [{ from: [file("a")], to: 1 }, "to: 1 is no folder: it is no text"],
    [[file("a"), file("a", "b")], "two different files would be at a"],
    [[file("a"), file("a/b")], "a would be a file and the folder of a/b"],
    [[file("a/b"), file("a/b/c")], "a/b would be a file and the folder of a/b/c"],
    [
      Array.from({ length: 1_001 }, (_, i) => file(`f${i}`)),
      "1001 files; a step takes at most 1000",
    ],
    [
      [file("a", "a", { bytes: 2 ** 29 }), file("b", "b", { bytes: 1 })],
      "536870913 bytes in all; a step takes at most 536870912",
    ],
  ])("is refused with the reason: %#", (value, text) => {
    expect(fileUsesOf(json(value))).toEqual({ flaw: expect.stringContaining(text) });
  });
});
