import { momentOf } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, FAIL, workflowOf } from "../../test/workflows.ts";
import type { RunRecord } from "./reading/reading.types.ts";

const LEAF = actionOf("test.leaf", { kind: "workflow" });
const WORKFLOWS = [
  workflowOf("test.leaf", [{ id: "a", action: ECHO }]),
  workflowOf("test.calls", [{ id: "call", action: LEAF }]),
  workflowOf("test.bad", [{ id: "no", action: FAIL }]),
];

describe("a run", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    // As if a second went by from a run's id to whatever else is done at its birth.
    const idClock = () => Date.now() - 1_000;
    test = await startEngine(db.url, definitionsOf(WORKFLOWS), { idClock });
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
  });

  async function expectFoundByItsTime({ id, created_at }: RunRecord): Promise<void> {
    expect(Date.parse(created_at)).toBe(momentOf(id));
    const since = new Date(created_at);
    const until = new Date(since.getTime() + 1);
    const idsOf = async (filter: object) =>
      (await test.engine.runs({ ...filter, limit: 10 })).rows.map((run) => run.id);
    expect(await idsOf({ since, until })).toContain(id);
    expect(await idsOf({ until: since })).not.toContain(id);
    expect(await idsOf({ since: until })).not.toContain(id);
  }

  it("is found by the time at which it was created, as a step of another too", async () => {
    const run = await test.finish("test.calls");
    await expectFoundByItsTime(run);
    const [child] = (await test.engine.runs({ parentId: run.id, limit: 10 })).rows;
    await expectFoundByItsTime(child as RunRecord);
    expect(await test.engine.verify(run.id)).toMatchObject({ same: true });
  });

  it("is found so as a new try of another", async () => {
    const { id: failed } = await test.finish("test.bad");
    const run = await test.engine.prepareRetry(failed, { by: "test" });
    await test.engine.commit({ runs: [run] });
    await expectFoundByItsTime((await test.engine.waitForEnd(run.id, 10_000)) as RunRecord);
  });
});
