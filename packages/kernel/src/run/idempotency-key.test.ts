import { describe, expect, it } from "vitest";
import { advance, begin, payloadOf, readPayload } from "./index.ts";
import { ended, FACTS, template, workflow } from "./testing/build.ts";

const keyed = (key: (scope: { readonly [name: string]: unknown }) => unknown) =>
  workflow({
    pay: {
      idempotencyKey: template(key as never),
      retry: { attempts: 2 },
      forEach: () => ["a", "b"],
    },
  });

describe("the idempotency key of a step", () => {
  it("is made for each item, and is the same for each try of it", () => {
    const flow = keyed(({ item }) => `pay-${item}`);
    const begun = begin(flow, {}, FACTS, 0);
    const [first, second] = begun.effects;
    expect([first, second]).toMatchObject([
      { idempotencyKey: "pay-a" },
      { idempotencyKey: "pay-b" },
    ]);
    const again = advance(flow, begun.state, [ended("pay#0", 1, "failed")]).effects[0];
    expect(again).toMatchObject({ type: "dispatch", number: 2, idempotencyKey: "pay-a" });
  });

  it("is stored with the input, so that whoever carries the attempt out has it", () => {
    const flow = keyed(() => "pay-1");
    const effect = begin(flow, {}, FACTS, 0).effects[0];
    if (effect?.type !== "dispatch") throw new Error("it is dispatched");
    const stored = JSON.parse(payloadOf(effect));
    expect(readPayload(effect.step, stored)).toEqual({ input: {}, idempotencyKey: "pay-1" });
  });

  it.each(["", "a b", "é", "x".repeat(256)])("fails the step where it is %j", (key) => {
    const { state } = begin(
      keyed(() => key),
      {},
      FACTS,
      0,
    );
    expect(state.steps["pay"]?.slots[0]?.error).toMatchObject({
      code: "expression_failed",
      message: expect.stringContaining("1 to 255 visible ASCII characters"),
    });
  });
});
