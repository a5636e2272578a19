import { describe, expect, it } from "vitest";
import { lead, missing, workflow } from "./testing/build.ts";

describe("for_each", () => {
  it("opens as many items as its concurrency, and the next as one ends", () => {
    const run = lead(workflow({ a: { forEach: () => [1, 2, 3, 4], concurrency: 2 } }));
    expect(run.first).toEqual(["dispatch a#0/1", "dispatch a#1/1"]);
    expect(run.end("a#1")).toEqual(["dispatch a#2/1"]);
    expect(run.end("a#2")).toEqual(["dispatch a#3/1"]);
    expect(run.end("a#0")).toEqual([]);
    expect(run.end("a#3")).toEqual(["finish success"]);
  });

  it("keeps its results in the order of its items, null where one failed", () => {
    const run = lead(workflow({ a: { forEach: () => ["x", "y", "z"], onError: "continue" } }));
    run.end("a#2", 1, "success", { output: "Z" });
    run.end("a#1", 1, "failed");
    run.end("a#0", 1, "success", { output: "X" });
    expect(run.state().steps["a"]).toMatchObject({
      phase: "failed",
      output: ["X", null, "Z"],
      error: { code: "items_failed" },
    });
    expect(run.state().status).toBe("success");
  });

  it("gives each item its value and index", () => {
    const render = ({ item, index }: { item?: unknown; index?: unknown }) => [item, index] as never;
    const run = lead(workflow({ a: { forEach: () => ["x", "y"], with: render } }));
    expect(run.state().steps["a"]?.slots.map(({ input }) => input)).toEqual([
      ["x", 0],
      ["y", 1],
    ]);
  });

  it("fails the item whose input cannot be rendered, and starts the next in its place", () => {
    const render = ({ item }: { item?: unknown }) => (item === 1 ? missing() : {});
    const run = lead(workflow({ a: { forEach: () => [1, 2], concurrency: 1, with: render } }));
    expect(run.first).toEqual(["dispatch a#1/1"]);
    expect(run.end("a#1")).toEqual(["finish failed"]);
  });

  it("tries a failed item again by itself", () => {
    const run = lead(workflow({ a: { forEach: () => [1, 2], retry: { attempts: 2 } } }));
    expect(run.end("a#0", 1, "failed")).toEqual(["dispatch a#0/2"]);
    expect(run.end("a#1")).toEqual([]);
    expect(run.end("a#0", 2)).toEqual(["finish success"]);
  });

  it("lets all items finish when one fails, and starts no other", () => {
    const run = lead(workflow({ a: { forEach: () => [1, 2, 3], concurrency: 2 } }));
    expect(run.end("a#0", 1, "failed")).toEqual(["dispatch a#2/1"]);
    run.end("a#1");
    expect(run.end("a#2")).toEqual(["finish failed"]);
  });
});
