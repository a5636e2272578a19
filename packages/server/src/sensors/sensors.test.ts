import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import {
  PATIENCE,
  printing,
  rule,
  sensor,
  startTestSensors,
  type TestSensors,
} from "./sensors.fixture.ts";

let db: TestDatabase;
const open: TestSensors[] = [];
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await db.drop();
});

async function start(
  ...given: [Parameters<typeof startTestSensors>[1], Parameters<typeof startTestSensors>[2]?]
) {
  const t = await startTestSensors(db.url, ...given);
  open.push(t);
  return t;
}

describe("a line of a sensor", () => {
  it("becomes an event that a rule judges and that starts a run, like one that is posted", async () => {
    const t = await start({
      ...sensor(
        printing(
          '{"type":"t.hot","data":{"celsius":41},"id":"a","subject":"room","time":"2026-01-02T03:04:05Z"}',
        ),
      ),
      ...rule("cool", "t.hot"),
    });
    const event = await vi.waitFor(async () => {
      const [one] = (await t.events.list({ type: "t.hot", limit: 1 })).rows;
      expect(one).toBeDefined();
      return one;
    }, PATIENCE);
    expect(event).toMatchObject({
      source: "/sensors/t.s",
      subject: "room",
      time: "2026-01-02T03:04:05.000Z",
      data: { celsius: 41 },
    });
    const { runs, decisions } = await t.events.detail(event?.id ?? "");
    expect(decisions).toMatchObject([{ rule: "t.cool", status: "matched" }]);
    expect(runs).toMatchObject([{ rule: "t.cool", input: { data: { celsius: 41 } } }]);
    await t.until({ status: "running", stored: 1, refused: 0, failures: 0 });
  });
});
