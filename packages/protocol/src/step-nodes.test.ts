import { expect, it } from "vitest";
import { nodesText } from "./step-nodes.ts";

const on = (...nodes: (string | undefined)[]) => ({ attempts: nodes.map((node) => ({ node })) });

it("names the node of a step's newest try, and counts those of items", () => {
  expect(nodesText({ ...on("old", "gpu-1"), items: null })).toBe("on gpu-1");
  expect(nodesText({ ...on(), items: [on("a"), on("b"), on("a")] })).toBe("on 2 nodes");
  expect(nodesText({ ...on(), items: null, rounds: [on("a"), on("a")] })).toBe("on a");
});

it("says nothing of what workers carried out", () => {
  expect(nodesText({ ...on(undefined), items: null })).toBe("");
  expect(nodesText({ ...on(), items: [] })).toBe("");
});
