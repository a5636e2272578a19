import { setTimeout as delay } from "node:timers/promises";
import { type Database, retryOnConnectionLoss } from "../db/index.ts";
import { processTimers, type RunningEngine, type Timers } from "../engine/index.ts";
import type { Intake } from "../inbox/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Rules } from "../rules/index.ts";
import { killOrphansOfSession, type StartLasting, type WorkFolders } from "../runners/index.ts";
import { moveCursor } from "./lines/places.store.ts";
import { createLineStore } from "./lines/store-lines.ts";
import { appendLog } from "./sensor-logs.store.ts";
import {
  addSensors,
  claimSensor,
  noteRecovered,
  noteRunning,
  noteStopping,
  readSensors,
  releaseSensor,
  settleSensor,
} from "./sensors.store.ts";
import { createSensorLog } from "./supervision/sensor-log.ts";
import { runSensor } from "./supervision/sensor-run.ts";
import {
  createSupervisor,
  type Supervisor,
  type SupervisorDeps,
  type SupervisorStore,
} from "./supervision/supervisor.ts";

export interface SuperviseDeps {
  readonly database: Pick<Database, "pool">;
  readonly packs: Pick<Packs, "sensors" | "onLook" | "source">;
  readonly rules: Pick<Rules, "current">;
  readonly engine: Pick<RunningEngine, "commit" | "processes" | "onGivenUp">;
  readonly take: Intake;
  readonly start: StartLasting;
  readonly workFolders: WorkFolders;
  /** Lines that came to events, or were refused; for the metrics. */
  readonly onLines?: ((outcome: "stored" | "refused", lines: number) => void) | undefined;
  readonly log: SupervisorDeps["log"];
  readonly onError: SupervisorDeps["onError"];
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly timers?: Timers;
}

/** How long lines wait before they are sent again to a PostgreSQL that did not take them. */
const AGAIN_MS = 500;

/** Runs sensors in this process, as one of those that may. */
export function superviseSensors(deps: SuperviseDeps): Supervisor {
  const { database, packs, take, onError, now, monotonicMs } = deps;
  const { pool } = database;
  const timers = deps.timers ?? processTimers;
  const closed = new AbortController();
  const patiently = <T>(step: () => Promise<T>): Promise<T> =>
    retryOnConnectionLoss(step, { signal: closed.signal });

  const store: SupervisorStore = {
    read: (refs) => readSensors(pool, refs),
    add: (refs) => addSensors(pool, refs),
    claim: (claim) => claimSensor(pool, claim),
    running: (of, how) => patiently(() => noteRunning(pool, of, how)),
    stopping: (of) => noteStopping(pool, of),
    recovered: (of) => noteRecovered(pool, of),
    release: (of, reason) => patiently(() => releaseSensor(pool, of, reason)),
    settle: (row, reason) => settleSensor(pool, row, reason),
  };

  const run: SupervisorDeps["run"] = (of, options, onRunning) =>
    runSensor(
      {
        ...deps,
        packFolder: packs.source.packFolder,
        openStore: (told) =>
          createLineStore({
            ...told,
            ...{ take, ref: of.ref, fence: of.fence },
            moveCursor: (cursor) => patiently(() => moveCursor(pool, of, cursor)),
            pause: () =>
              delay(AGAIN_MS, undefined, { signal: closed.signal }).catch(() => undefined),
          }),
        openLog: (told) =>
          createSensorLog({
            ...told,
            ...{ now },
            append: (written) => patiently(() => appendLog(pool, of.ref, written)),
            onError: (error) => onError(error, "the log of a sensor could not be stored"),
          }),
        onLines: (outcome, lines) => deps.onLines?.(outcome, lines),
        onRunning: (pid) =>
          onRunning(pid).catch((error: unknown) =>
            onError(error, "that a sensor runs could not be noted"),
          ),
        monotonicMs,
        timers,
      },
      options,
    );

  const supervisor = createSupervisor({
    ...deps,
    ...{ store, run, killOrphans: killOrphansOfSession },
    timers,
  });
  let closing: Promise<void> | undefined;
  return {
    ...supervisor,
    close(graceMs) {
      closing ??= supervisor.close(graceMs).finally(() => closed.abort());
      return closing;
    },
  };
}
