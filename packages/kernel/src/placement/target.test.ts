import { describe, expect, it } from "vitest";
import { describeTarget, matchesTarget, parseTargetKey, targetKey, targetOf } from "./target.ts";

/** 480 characters in 4 labels. */
const LONG = ["a", "b", "c", "d"].map((name) => `${name}=${"v".repeat(118)}`);

const LAB = { name: "lab-7", labels: { gpu: "", os: "linux" } };

describe("a target", () => {
  it("is met by a node with all its labels, by name alone or with their value", () => {
    expect(matchesTarget({ labels: ["gpu", "os=linux"] }, LAB)).toBe(true);
    expect(matchesTarget({ labels: ["gpu", "os=macos"] }, LAB)).toBe(false);
    expect(matchesTarget({ labels: ["os"] }, LAB)).toBe(true);
    expect(matchesTarget({ labels: ["toString"] }, LAB)).toBe(false);
  });

  it("that names a node is met by that one alone, and only if it has the labels", () => {
    expect(matchesTarget({ node: "lab-7", labels: [] }, LAB)).toBe(true);
    expect(matchesTarget({ node: "lab-8", labels: [] }, LAB)).toBe(false);
    expect(matchesTarget({ node: "lab-7", labels: ["arm"] }, LAB)).toBe(false);
  });

  it("has one key however its labels were written, which gives it back", () => {
    const one = targetOf({ node: "a", labels: ["y", "x", "y"] });
    const other = targetOf({ labels: ["x", "y"], node: "a" });
    if ("flaw" in one || "flaw" in other) throw new Error("both are targets");
    expect(targetKey(one)).toBe(targetKey(other));
    expect(parseTargetKey(targetKey(one))).toEqual(one);
    expect(describeTarget(one)).toBe("node a with labels x, y");
  });

  it.each([
    ["text", "lab-7"],
    ["nothing that is asked for", {}],
    ["a node that is no name", { node: 7 }],
    ["a node with space around it", { node: " lab " }],
    ["a label with a space", { labels: ["g pu"] }],
    ["a label that is no text", { labels: [1] }],
    ["labels that are no list", { labels: "gpu" }],
    ["21 labels", { labels: Array.from({ length: 21 }, (_, i) => `l${i}`) }],
    ["labels of 513 characters", { labels: [...LONG, "l".repeat(33)] }],
    ["a node without a name", { node: "" }],
    ["a node whose name none can have", { node: "a/b" }],
    ["a label whose name has 64 characters, which no node can have", { labels: ["l".repeat(64)] }],
    ["a node whose name has 65 characters", { node: "n".repeat(65) }],
  ])("is refused with a sentence where it is %s", (_, value) => {
    expect(targetOf(value)).toHaveProperty("flaw");
  });

  it("may name a node of 64 characters and 20 labels of 512", () => {
    const labels = [...LONG, ...Array.from({ length: 16 }, (_, i) => `${10 + i}`)].sort();
    const node = "n".repeat(64);
    expect(targetOf({ node, labels })).toEqual({ node, labels });
  });

  it("says of one label or none what it is in words", () => {
    expect(describeTarget({ node: "a", labels: [] })).toBe("node a");
    expect(describeTarget({ labels: ["gpu"] })).toBe("a node with label gpu");
  });
});
