import type { Json } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { advance } from "./advance.ts";
import type { Effect } from "./effects.ts";
import { begin, describeEffect } from "./index.ts";
import { ended, FACTS, lead, template, workflow } from "./testing/build.ts";

const placed = (effects: readonly Effect[]) =>
  effects.flatMap((one) => (one.type === "dispatch" ? [[one.slot, one.target]] : []));

it("an attempt is for the nodes that its step names, and so is every try of it", () => {
  const flow = workflow({
    a: {
      forEach: () => ["x", "y"],
      on: template(({ item }) => ({ node: item as Json })),
      retry: { attempts: 2 },
    },
  });
  const { state, effects } = begin(flow, {}, FACTS, 0);
  expect(placed(effects)).toEqual([
    ["a#0", '{"labels":[],"node":"x"}'],
    ["a#1", '{"labels":[],"node":"y"}'],
  ]);
  const failed = advance(flow, state, [ended("a#1", 1, "failed")]);
  expect(placed(failed.effects)).toEqual([["a#1", '{"labels":[],"node":"y"}']]);
});

it("a decision to place an attempt elsewhere is another decision", () => {
  const on = (node: string) =>
    begin(workflow({ a: { on: template(() => ({ node })) } }), {}, FACTS, 0).effects.map((one) =>
      describeEffect(one),
    );
  expect(on("x")).not.toEqual(on("y"));
});

it("a step fails where what it names is no target, and says why", () => {
  const run = lead(workflow({ a: { on: template(() => ({ labels: [] })) } }));
  expect(run.first).toEqual(["finish failed"]);
  expect(run.state().steps["a"]?.error?.message).toContain("neither a node nor a label");
});
