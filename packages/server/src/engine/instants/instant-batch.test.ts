import { type AttemptEnded, actionAsWorkflow } from "@yardmaster/kernel";
import { expect, it } from "vitest";
import { ECHO } from "../../../test/workflows.ts";
import type { StoredRun } from "../keeper/keeper.store.ts";
import type { ReadyInstant } from "./instant-backlog.store.ts";
import { type CarriedInstant, createInstantBatch, type InstantBatchDeps } from "./instant-batch.ts";

it("a run that a mailbox has is not folded again for what waited of it", async () => {
  const workflow = actionAsWorkflow(ECHO);
  const posted: CarriedInstant[] = [];
  const batch = createInstantBatch({
    definitions: { pinned: async () => workflow },
    worker: {
      reserve: () => true,
      carryOutInstantly: ({ slot, number }: ReadyInstant) => ({ slot, number }) as AttemptEnded,
    },
    now: () => 0,
    isKept: () => true,
    post: async (carried: CarriedInstant) => {
      posted.push(carried);
      return "applied";
    },
  } as unknown as InstantBatchDeps);
  const stored = {
    ref: "core.echo",
    packDigest: null,
    get advances(): never {
      throw new Error("folded");
    },
  } as unknown as StoredRun;
  const slot = workflow.steps[0]?.id;
  const ready = { runId: "r", slot, number: 1, priority: 5, input: {}, stored };
  expect(await batch.carryOutAll([ready, { ...ready, number: 2 }] as ReadyInstant[])).toBe(2);
  expect(posted.map(({ event, run }) => [event.number, run])).toEqual([
    [1, undefined],
    [2, undefined],
  ]);
});
