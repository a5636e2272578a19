import type { YardNode } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { createExplainTarget } from "./explain-target.ts";

const LAB = {
  name: "lab",
  status: "connected",
  reason: null,
  since: "2026-01-01T00:00:00.000Z",
  labels: { gpu: "" },
  grants: { exec: true, read: true, write: true, jobs: true, paths: null },
  capabilities: ["exec", "task"],
  load: { calls: 0, jobs: 0, slots: 2 },
} as unknown as YardNode;

const explaining = (node: YardNode, revoked?: YardNode) =>
  createExplainTarget({
    nodes: async () => [node],
    revoked: async (name) => (name === revoked?.name ? revoked : undefined),
    renamed: async (name) => (name === "was" ? "is" : undefined),
  });
const told = (node: Partial<YardNode>, labels = ["gpu"]) =>
  explaining({ ...LAB, ...node })({ labels }, "waits");

it("says that no node matches, and how to get one that does", async () => {
  expect(await told({}, ["arm", "gpu"])).toEqual({
    chain: ["no node with labels arm, gpu is paired"],
    unblock: [
      "pair one: yard node pair NAME --label arm --label gpu",
      "or give a node the label: yard node label NAME arm",
      "or give a node the label: yard node label NAME gpu",
    ],
  });
});

it("says of a node by its name that it was revoked or renamed, or which labels it lacks", async () => {
  const old = {
    ...{ ...LAB, name: "old", revoked_at: "2026-01-02T00:00:00.000Z" },
    ...{ revoked_by: "token:ann", revoked_reason: "sold" },
  };
  const explain = explaining(LAB, old);
  expect(await explain({ node: "old", labels: ["gpu"] }, "waits")).toEqual({
    chain: ["node old was revoked at 2026-01-02T00:00:00.000Z by token:ann (sold)"],
    unblock: ["pair its machine anew: yard node pair old --label gpu"],
  });
  expect(await explain({ node: "lab", labels: ["gpu", "arm"] }, "waits")).toEqual({
    chain: ["node lab lacks the label arm"],
    unblock: ["give it the label: yard node label lab arm"],
  });
  expect(await explain({ node: "was", labels: [] }, "waits")).toEqual({
    chain: ["node was was renamed to is"],
    unblock: [
      "give it its name back: yard node rename is was",
      "or name is in the step, and start the run again",
    ],
  });
  expect((await explain({ node: "never", labels: [] }, "waits")).chain).toEqual([
    "node never is not paired",
  ]);
});

it.each([
  [
    { status: "disconnected", reason: "its link was lost" },
    "is disconnected since 2026-01-01T00:00:00.000Z (its link was lost)",
  ],
  [{ status: "never_seen", since: null }, "has not been seen"],
  [
    { grants: { exec: true, read: true, write: true, jobs: false, paths: null } },
    "is connected, and is not granted jobs",
  ],
  [{ capabilities: ["exec"] }, "is connected, and its client takes no jobs"],
  [{ load: { calls: 0, jobs: 2, slots: 2 } }, "is connected and full: 2 of 2 jobs run on it"],
  [{}, "is connected and has room"],
] as [Partial<YardNode>, string][])(
  "of a node that matches it says why it has not got it (%#)",
  async (node, what) => {
    const { chain, unblock } = await told(node);
    expect(chain).toEqual([`node lab ${what}`]);
    expect(unblock).toHaveLength(1);
  },
);

it("of a node that runs an attempt it says that its link is gone, and nothing while it stands", async () => {
  const runs = (node: Partial<YardNode>) =>
    explaining({ ...LAB, ...node })({ node: "lab", labels: [] }, "runs");
  expect(await runs({ status: "reconnecting", reason: "it may come back" })).toEqual({
    chain: ["node lab is reconnecting since 2026-01-01T00:00:00.000Z (it may come back)"],
    unblock: ["see to node lab: yard node show lab"],
  });
  for (const node of [{}, { status: "draining" as const }, { name: "other" }])
    expect(await runs(node)).toEqual({ chain: [], unblock: [] });
});
