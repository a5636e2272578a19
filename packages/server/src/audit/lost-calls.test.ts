import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { entryOf, startAudit, type TestAudit } from "./audit.fixture.ts";
import { endLostCalls, lockLostCalls } from "./index.ts";

let db: TestDatabase;
const [KILLED, LIVING] = [randomUUID(), randomUUID()];
const audits: { readonly [process: string]: TestAudit } = {};
let audit: TestAudit;
beforeAll(async () => {
  db = await createTestDatabase();
  for (const process of [KILLED, LIVING])
    Object.assign(audits, { [process]: startAudit(db.database, [], process) });
  audit = audits[LIVING] as TestAudit;
});
afterAll(async () => {
  for (const each of Object.values(audits)) await each.end();
  await db?.drop();
});

const rowsOf = async (request: string) => (await audit.list({ request, limit: 10 })).rows;
const fails = (error: unknown): never => {
  throw error;
};

async function begun(process: string, more: Parameters<typeof entryOf>[0] = {}): Promise<string> {
  const requestId = randomUUID();
  await audits[process]?.record(entryOf({ requestId, phase: "begin", ...more }));
  return requestId;
}

/** A process of the installation, where those live whose ids are in the list. */
function looksWhere(living: readonly string[]) {
  const onLook = vi.fn();
  const others = vi.fn(() => living.length - 1);
  const lost = endLostCalls(
    {
      audit,
      processes: {
        others,
        async living() {
          onLook();
          return living.map((id) => ({ id }));
        },
        endedAmong: async (ids) => ids.filter((id) => !living.includes(id)),
      },
      inTurn: (work) =>
        db.database.withTransaction(async (client) => {
          await lockLostCalls(client);
          await work();
        }),
      onError: fails,
    },
    { everyMs: 1 },
  );
  onTestFinished(() => lost.close());
  return { ...lost, onLook, others };
}

it("ends what a killed process had begun, and nothing that has ended or that another is at", async () => {
  const job = { run: "r1", step: "s", attempt: 2, command: "make" };
  const cut = await begun(KILLED);
  const attempt = await begun(KILLED, { action: "node.job", details: job });
  const whole = await begun(KILLED);
  await audit.record(entryOf({ requestId: whole, phase: "end", status: "ok" }));
  const running = await begun(LIVING);
  await looksWhere([LIVING]).looked;
  expect(await rowsOf(cut)).toMatchObject([
    { phase: "end", status: "lost", actor: "token:ada", node: "lab-7" },
    { phase: "begin" },
  ]);
  expect((await rowsOf(attempt))[0]?.details).toEqual({
    run: "r1",
    step: "s",
    attempt: 2,
    reason: expect.stringContaining("is gone"),
  });
  expect(await rowsOf(whole)).toHaveLength(2);
  expect(await rowsOf(running)).toHaveLength(1);
});

it("ends it once when a process goes while several live", async () => {
  const request = await begun(KILLED);
  const living = [KILLED, LIVING, randomUUID()];
  const others = Array.from({ length: 4 }, () => looksWhere(living));
  await Promise.all(others.map(({ looked }) => looked));
  expect(await rowsOf(request)).toHaveLength(1);
  living.shift();
  await vi.waitFor(async () => expect(await rowsOf(request)).toHaveLength(2));
  for (const { onLook } of others) {
    const calls = onLook.mock.calls.length;
    // The look after the one that ended it has begun: the one before is over.
    await vi.waitFor(() => expect(onLook.mock.calls.length).toBeGreaterThan(calls + 1));
  }
  expect(await rowsOf(request)).toHaveLength(2);
});

it("asks nothing more where it is alone", async () => {
  const { looked, onLook, others } = looksWhere([LIVING]);
  await looked;
  const calls = others.mock.calls.length;
  await vi.waitFor(() => expect(others.mock.calls.length).toBeGreaterThan(calls + 3));
  expect(onLook).toHaveBeenCalledTimes(1);
});
