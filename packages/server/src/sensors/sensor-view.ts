import type { SensorDefinition } from "@yardmaster/kernel";
import type { Sensor, SensorStatus } from "@yardmaster/protocol";
import type { CurrentRules } from "../rules/index.ts";
import type { SensorRow } from "./sensors.store.ts";
import { demandOf, notWanted, reasonOf } from "./supervision/demand.ts";

/** All that is known of a sensor: its definition where an active pack declares it, its row where it has one. */
export interface SensorCase {
  readonly ref: string;
  readonly sensor: SensorDefinition | undefined;
  readonly row: SensorRow | undefined;
  /** The worker that has it lives. */
  readonly isHeld: boolean;
  readonly current: CurrentRules;
}

/** A sensor as the API shows it: as its worker has it, and where none has, as it will be. */
export function sensorView({ ref, sensor, row, isHeld, current }: SensorCase): Sensor {
  const why = notWanted(sensor, row?.paused_by ?? null, current);
  const status = statusOf(row, isHeld, why);
  return {
    ref,
    pack: ref.slice(0, ref.indexOf(".")),
    declared: sensor !== undefined,
    description: sensor?.description ?? null,
    status,
    reason: reasonFor(status, { ref, sensor, row, isHeld, why, current }),
    paused_by: row?.paused_by ?? null,
    events: [...(sensor?.events.keys() ?? [])],
    worker: isHeld ? (row?.session ?? null) : null,
    pid: isHeld ? (row?.pid ?? null) : null,
    started_at: isHeld ? (row?.started_at ?? null) : null,
    failures: row?.failures ?? 0,
    last_exit: row?.last_exit ?? null,
    next_start_at: status === "backoff" ? (row?.next_start_at ?? null) : null,
    stored: row?.stored ?? 0,
    refused: row?.refused ?? 0,
    last_event_at: row?.last_event_at ?? null,
    cursor: row?.cursor ?? null,
  };
}

function statusOf(
  row: SensorRow | undefined,
  isHeld: boolean,
  why: string | undefined,
): SensorStatus {
  if (row !== undefined && isHeld) return row.status;
  if (why !== undefined) return "stopped";
  return row?.status === "backoff" && row.next_start_at !== null ? "backoff" : "starting";
}

function reasonFor(
  status: SensorStatus,
  { ref, sensor, row, isHeld, why, current }: SensorCase & { why: string | undefined },
): string {
  if (status === "backoff") return row?.reason ?? "";
  if (status === "stopping")
    return why === undefined
      ? "its process is being stopped, and a new one is started then"
      : `its process is being stopped: ${why}`;
  if (why !== undefined && status !== "stopped") return `it is about to stop: ${why}`;
  if (sensor === undefined) return `${why}; yard sensors forget ${ref} removes what is kept of it`;
  if (why !== undefined) return why;
  if (status === "starting" && !isHeld)
    return row === undefined || row.session === null
      ? "no worker has taken it yet"
      : "the worker that had it is gone; another one takes it over";
  return reasonOf(sensor, demandOf(sensor, current));
}
