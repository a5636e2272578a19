import { type Database, retryOnConnectionLoss } from "../db/index.ts";
import { createAskedCancelStore } from "./abandon/asked-cancels.store.ts";
import { createChildStore } from "./children/children.store.ts";
import { readyInstants } from "./instants/instant-backlog.store.ts";
import { loadRuns, stoppedUnleased } from "./keeper/keeper.store.ts";
import { createRunLoader } from "./keeper/run-loader.ts";
import type { PartsPorts } from "./parts.ts";
import { createSchedulerStore, stopsForSession } from "./scheduler/scheduler.store.ts";
import { createSessionStore } from "./sessions/session-connection.ts";

type StoredPorts = Pick<
  PartsPorts,
  | "sessions"
  | "schedule"
  | "load"
  | "readyInstants"
  | "stoppedUnleased"
  | "children"
  | "asked"
  | "stopsForSession"
>;

/** What the parts read and write apart from the flush, over PostgreSQL; after `givenUp` nothing is waited for. */
export function postgresPorts(database: Database, givenUp: AbortSignal): StoredPorts {
  const { pool } = database;
  return {
    sessions: createSessionStore(() => database.connectHot("yard-session"), pool),
    schedule: createSchedulerStore(database),
    // A result waits for PostgreSQL as long as its write would.
    load: createRunLoader((ids) =>
      retryOnConnectionLoss(() => loadRuns(pool, ids), { signal: givenUp }),
    ),
    readyInstants: (after, skip, limit) => readyInstants(pool, after, skip, limit),
    stoppedUnleased: (runId) => stoppedUnleased(pool, runId),
    children: createChildStore(pool),
    asked: createAskedCancelStore(pool),
    stopsForSession: (id) => stopsForSession(pool, id),
  };
}
