import { actionAsWorkflow } from "@yardmaster/kernel";
import { expect, it } from "vitest";
import { ECHO } from "../../../test/workflows.ts";
import type { StoredRun } from "./keeper.store.ts";
import { fold, foldInSlices } from "./kept-run.ts";

const NOTHING = { events: [], decisions: [] };

it("others may have the event loop after each row of the journal of a run that is read", async () => {
  const stored = {
    ref: "core.echo",
    input: { a: 1 },
    createdAt: new Date(0),
    advances: [NOTHING, NOTHING, NOTHING],
  } as unknown as StoredRun;
  const workflow = actionAsWorkflow(ECHO);
  let asked = 0;
  const run = await foldInSlices("r", stored, workflow, () => {
    asked++;
    return undefined;
  });
  expect(asked).toBe(3);
  expect(run).toEqual(fold("r", stored, workflow));
});
