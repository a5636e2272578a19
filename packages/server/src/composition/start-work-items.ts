import { newId } from "../new-id.ts";
import { createSecretReader, readSecretPlace } from "../secrets/index.ts";
import type { Settings } from "../settings/index.ts";
import { createTrackerDoor } from "../trackers/index.ts";
import { followWork, type WorkFollower } from "../work/index.ts";
import { sealerOfWorker } from "./start-engine.ts";
import type { TaskParts } from "./start-tasks.ts";
import { trackerRequester } from "./tracker-requester.ts";

/** Makes work items of events and starts what is next, in this process. */
export function startWorkItems(
  settings: Settings,
  { database, engine, log }: Pick<TaskParts, "database" | "engine" | "log">,
): WorkFollower {
  const { pool } = database;
  const sealer = sealerOfWorker(settings);
  const readSecret = readSecretPlace(process.env, createSecretReader({ pool, sealer }));
  const request = trackerRequester(settings);
  const now = Date.now;
  const trackers = createTrackerDoor({ pool, sealer, readSecret, request, now });
  return followWork({ database, engine, trackers, log, newId, now });
}
