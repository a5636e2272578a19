import {
  AppError,
  nearestRef,
  type Sensor,
  type SensorExplanation,
  type SensorLogLine,
} from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import { growRevision, type Packs } from "../packs/index.ts";
import { invalidCursor, type Page, pageOf } from "../paging/index.ts";
import type { CurrentRules, Rules } from "../rules/index.ts";
import { explainSensor } from "./explain-sensor.ts";
import { appendLog, selectLog, tailStart } from "./sensor-logs.store.ts";
import { type SensorCase, sensorView } from "./sensor-view.ts";
import {
  askRestart,
  forgetSensor,
  pauseSensor,
  readSensors,
  resetSensor,
  type SensorRow,
} from "./sensors.store.ts";
import { demandOf, notWanted } from "./supervision/demand.ts";

export interface SensorsDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly packs: Pick<Packs, "sensors" | "refresh">;
  readonly rules: Pick<Rules, "current" | "refresh">;
  readonly engine: Pick<RunningEngine, "processes" | "sessions">;
  readonly now: () => number;
}

export interface ReadLog {
  /** Only lines behind this number. */
  readonly after?: number | undefined;
  /** A number, as a page before it gave it; wins over `after`. */
  readonly cursor?: string | undefined;
  /** Where neither is given: begins so many lines before the end. */
  readonly tail?: number | undefined;
  readonly limit: number;
}

/** Long-running processes of packs: the packs declare them, the rules want them, workers run them. */
export interface Sensors {
  /** Those that active packs declare, and those that somebody has had to do with, by ref. */
  list(): Promise<Sensor[]>;
  /** @throws AppError `not_found` */
  get(ref: string): Promise<Sensor>;
  /** A page of its log, the oldest line first. @throws AppError `not_found`, `invalid_cursor` */
  logs(ref: string, read: ReadLog): Promise<Page<SensorLogLine>>;
  /** Holds through restarts, and whatever becomes of its pack; `by` null lets it go on. @throws AppError `not_found` */
  pause(ref: string, by: string | null): Promise<Sensor>;
  /** Stops it in order and starts it anew, at once where it rests. @throws AppError `not_found`, `conflict` where it is not to run */
  restart(ref: string): Promise<Sensor>;
  /** Its place is gone, whatever its process still says; that one is stopped in order and begun anew. @throws AppError `not_found` */
  reset(ref: string, by: string): Promise<Sensor>;
  /** Removes all that is kept of one that is in no pack any more. @throws AppError `not_found`, `conflict` where it is, or still stops */
  forget(ref: string): Promise<void>;
  /** @throws AppError `not_found` */
  explain(ref: string): Promise<SensorExplanation>;
}

export function createSensors(deps: SensorsDeps): Sensors {
  const { database, packs, rules, engine, now } = deps;
  const { pool } = database;

  async function casesOf(refs?: readonly string[]): Promise<SensorCase[]> {
    await rules.refresh();
    const current = await rules.current();
    const rows = await readSensors(pool, refs);
    const held = await heldAmong(rows);
    const known = new Set([
      ...packs.sensors().map(({ ref }) => ref),
      ...rows.map(({ ref }) => ref),
    ]);
    return [...known]
      .filter((ref) => refs === undefined || refs.includes(ref))
      .sort()
      .map((ref) => caseOf(ref, { rows, held, current }));
  }

  function caseOf(
    ref: string,
    known: {
      readonly rows: readonly SensorRow[];
      readonly held: ReadonlySet<string>;
      readonly current: CurrentRules;
    },
  ): SensorCase {
    const row = known.rows.find((one) => one.ref === ref);
    const sensor = packs.sensors().find((one) => one.ref === ref);
    const isHeld = row !== undefined && row.session !== null && known.held.has(row.session);
    return { ref, sensor, row, isHeld, current: known.current };
  }

  /** Sessions that live. */
  async function heldAmong(rows: readonly SensorRow[]): Promise<ReadonlySet<string>> {
    const sessions = [...new Set(rows.flatMap(({ session }) => session ?? []))];
    if (sessions.length === 0) return new Set();
    const ended = await engine.processes.endedAmong(sessions);
    return new Set(sessions.filter((session) => !ended.includes(session)));
  }

  async function find(ref: string): Promise<SensorCase> {
    const [found] = await casesOf([ref]);
    if (found !== undefined) return found;
    const near = nearestRef(
      ref,
      packs.sensors().map((sensor) => sensor.ref),
    );
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new AppError("not_found", `There is no sensor ${ref}.${hint}`);
  }

  const get = async (ref: string): Promise<Sensor> => sensorView(await find(ref));

  return {
    get,
    list: async () => (await casesOf()).map(sensorView),
    async logs(ref, read) {
      await find(ref);
      const after = await startOf(pool, ref, read);
      const lines = await selectLog(pool, ref, { after, limit: read.limit + 1 });
      return pageOf(lines, read.limit, ({ seq }) => String(seq));
    },
    async pause(ref, by) {
      await find(ref);
      await database.withTransaction(async (client) => {
        await pauseSensor(client, ref, by);
        await growRevision(client);
      });
      return await get(ref);
    },
    async restart(ref) {
      const found = await find(ref);
      const pausedBy = found.row?.paused_by ?? null;
      const why = notWanted(found.sensor, pausedBy, found.current);
      const wayOut = found.sensor === undefined || pausedBy === null ? "" : " Resume it first.";
      if (why !== undefined)
        throw new AppError("conflict", `The sensor ${ref} is not to run: ${why}.${wayOut}`);
      await database.withTransaction(async (client) => {
        await askRestart(client, ref);
        await growRevision(client);
      });
      return await get(ref);
    },
    async reset(ref, by) {
      await find(ref);
      await database.withTransaction(async (client) => {
        await resetSensor(client, ref);
        const text = `its cursor was reset by ${by}`;
        const line = { at: new Date(now()), stream: "yard", text } as const;
        await appendLog(client, ref, { lines: [line], refused: 0 });
        await growRevision(client);
      });
      return await get(ref);
    },
    async forget(ref) {
      const { sensor, row, isHeld, current } = await find(ref);
      if (sensor !== undefined)
        throw new AppError(
          "conflict",
          `An active pack defines the sensor ${ref}. Remove its file from the pack first; to have it begin without its cursor: yard sensors reset ${ref}.`,
        );
      const { revision } = current;
      const seen = row?.session ?? null;
      const isGone =
        !isHeld &&
        (await database.withTransaction((client) => forgetSensor(client, { ref, seen, revision })));
      if (!isGone)
        throw new AppError(
          "conflict",
          `The process of the sensor ${ref} is still being stopped, or its pack has just changed. Try again in a moment.`,
        );
    },
    async explain(ref) {
      const found = await find(ref);
      const workers = (await engine.sessions()).filter(({ roles }) => roles.includes("worker"));
      return explainSensor({
        sensor: sensorView(found),
        demand: found.sensor && demandOf(found.sensor, found.current),
        workers: workers.length,
      });
    },
  };
}

async function startOf(pool: Pool, ref: string, { after, cursor, tail }: ReadLog): Promise<number> {
  if (cursor !== undefined) return /^\d{1,15}$/.test(cursor) ? Number(cursor) : invalidCursor();
  if (after !== undefined) return after;
  return tail === undefined ? 0 : await tailStart(pool, ref, tail);
}
