import type { Database, HotClient } from "../../src/db/index.ts";
import { createAskedCancelStore } from "../../src/engine/abandon/asked-cancels.store.ts";
import { childrenToFollow, withdrawChild } from "../../src/engine/children/children.store.ts";
import { writeBatch } from "../../src/engine/commit/flush.ts";
import { readyInstants } from "../../src/engine/instants/instant-backlog.store.ts";
import { loadRun, stoppedUnleased } from "../../src/engine/keeper/keeper.store.ts";
import { upsertQueues } from "../../src/engine/lanes/queues.store.ts";
import {
  createSchedulerStore,
  stopsForSession,
} from "../../src/engine/scheduler/scheduler.store.ts";
import { insertSession, renewSession } from "../../src/engine/sessions/sessions.store.ts";
import type { Sight } from "../../src/engine/worker/admission.ts";
import { createClaimStore } from "../../src/engine/worker/claims.ts";
import {
  asSet,
  byChild,
  type ConformingStore,
  toldOfAdmission,
  toldOfAsked,
  toldOfOpen,
  toldOfStretch,
  withoutTime,
  withSets,
} from "./stores.ts";
import { dumpTables, emptyTables, expireSession } from "./tables.store.ts";

const ALL = 1_000;

/** The store as the server uses it; `sight` is what it looks at of keyed lanes in one go. */
export async function createPostgresStore(
  database: Database,
  sight?: Sight,
): Promise<ConformingStore> {
  const { pool } = database;
  const client: HotClient = await database.connectHot("conformance");
  const claims = createClaimStore(database, sight);
  const schedule = createSchedulerStore(database);
  const asked = createAskedCancelStore(pool);
  return {
    async reset(lanes) {
      await emptyTables(pool);
      await upsertQueues(pool, lanes);
    },
    write: (sessionId, batch) =>
      writeBatch(client, sessionId, batch).catch((error: unknown) => {
        if ((error as { code?: string }).code !== "23505") throw error;
        return "refused" as const;
      }),
    claimReady: async (claimer, runner, limit) =>
      asSet(await claims.claimReady(claimer, runner, limit)),
    readyInstants: async (after, skip, limit) =>
      toldOfStretch(await readyInstants(pool, after, skip, limit)),
    waitingLanes: async () => asSet((await claims.waitingLanes()).map(withoutTime)),
    admit: async (claimer, queue, runner, limit) =>
      toldOfAdmission(await claims.admit(claimer, queue, runner, limit)),
    leasedByClaims: async (id, claimIds) => asSet(await claims.leasedByClaims(id, claimIds)),
    insertSession: (row) => insertSession(client, row),
    renew: (id) => renewSession(client, id),
    expire: (id) => expireSession(pool, id),
    endExpired: async (own) => asSet((await schedule.endExpired(own)).map(({ id }) => id)),
    endGone: (ids) => schedule.endGone(ids),
    async outlook(own, host) {
      const { dueInMs, neighbours, children: _, ...rest } = await schedule.readOutlook(own, host);
      const due = dueInMs === null ? null : dueInMs <= 0;
      return { ...rest, neighbours: asSet(neighbours), due };
    },
    dueTimers: async () => asSet(await schedule.dueTimers(ALL)),
    readyDelayed: () => schedule.readyDelayed(ALL),
    lost: async () =>
      asSet(
        (await schedule.lostLeases(ALL, [])).map(({ runId, slot, number }) => ({
          runId,
          slot,
          number,
        })),
      ),
    lostInstants: async () => asSet(await schedule.lostInstants(ALL, [])),
    clearInstants: (lost) => schedule.clearInstants(lost),
    childrenToFollow: async (id) => byChild(await childrenToFollow(pool, id)),
    withdrawChild: (id) => withdrawChild(pool, id),
    stopped: async () => asSet(await schedule.stoppedAttempts(ALL, [])),
    stoppedUnleased: async (runId) => asSet(await stoppedUnleased(pool, runId)),
    stopsForSession: async (id) => asSet(await stopsForSession(pool, id)),
    askCancel: (runId, by) => asked.askCancel(runId, by),
    askedCancels: async () => toldOfAsked(await asked.askedCancels(ALL)),
    forgetCancel: (runId) => asked.forgetCancel(runId),
    withdrawUnborn: (runId) => asked.withdrawUnborn(runId),
    openRows: async (runId) => toldOfOpen(await asked.openRows(runId)),
    dropLeases: (runId) => asked.dropLeases(runId),
    stillLeased: async (id, rows) => asSet(await claims.stillLeased(id, rows)),
    putBack: async (id, rows) => asSet(await claims.putBack(id, rows)),
    load: async (runId, ended) => withSets(await loadRun(pool, runId, { ended })),
    dump: () => dumpTables(pool),
  };
}
