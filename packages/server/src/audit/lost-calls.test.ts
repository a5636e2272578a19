import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { entryOf, startAudit, type TestAudit } from "./audit.fixture.ts";
import { endLostCalls } from "./lost-calls.ts";

let db: TestDatabase;
let audit: TestAudit;
beforeAll(async () => {
  db = await createTestDatabase();
  audit = startAudit(db.database);
});
afterAll(async () => {
  await audit?.end();
  await db?.drop();
});

const rowsOf = async (request: string) => (await audit.list({ request, limit: 10 })).rows;
const fails = (error: unknown): never => {
  throw error;
};

it("ends what a killed process had begun, once no other lives, and nothing that was begun since", async () => {
  const [cut, job, whole, since] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const details = { run: "r1", step: "s", attempt: 2, command: "make" };
  await audit.record(entryOf({ requestId: cut, phase: "begin" }));
  await audit.record(entryOf({ requestId: job, phase: "begin", action: "node.job", details }));
  await audit.record(entryOf({ requestId: whole, phase: "begin" }));
  await audit.record(entryOf({ requestId: whole, phase: "end", status: "ok" }));
  const startedAt = new Date(Date.now() + 1);
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(startedAt.getTime()));
  await audit.record(entryOf({ requestId: since, phase: "begin" }));
  let others = 1;
  const lost = endLostCalls(
    { audit, startedAt, isAlone: async () => others-- === 0, onError: fails },
    { everyMs: 1, looks: 10 },
  );
  await lost.looked;
  await vi.waitFor(async () => expect(await rowsOf(cut)).toHaveLength(2));
  expect(await rowsOf(cut)).toMatchObject([
    { phase: "end", status: "lost", actor: "token:ada", node: "lab-7" },
    { phase: "begin" },
  ]);
  await vi.waitFor(async () => expect(await rowsOf(job)).toHaveLength(2));
  expect((await rowsOf(job))[0]?.details).toEqual({
    run: "r1",
    step: "s",
    attempt: 2,
    reason: expect.stringContaining("is gone"),
  });
  expect(await rowsOf(whole)).toHaveLength(2);
  expect(await rowsOf(since)).toHaveLength(1);
  const { rows: open } = await audit.list({ open: true, limit: 10 });
  expect(open.map(({ request_id }) => request_id)).toEqual([since]);
});

it("leaves what is open while other processes live: it may be theirs", async () => {
  const request = randomUUID();
  await audit.record(entryOf({ requestId: request, phase: "begin" }));
  const startedAt = new Date(Date.now() + 1_000);
  const isAlone = vi.fn(async () => false);
  endLostCalls({ audit, startedAt, isAlone, onError: fails }, { everyMs: 1, looks: 3 });
  await vi.waitFor(() => expect(isAlone).toHaveBeenCalledTimes(3));
  expect(await rowsOf(request)).toHaveLength(1);
});
