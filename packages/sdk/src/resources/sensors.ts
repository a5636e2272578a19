import type { ListSensors, Sensor, SensorExplanation, SensorLogLine } from "@yardmaster/protocol";
import type { AwayNotes } from "../transport/away-notes.ts";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";
import { followSensorLogs } from "./sensor-logs.ts";

export interface SensorLogOptions extends CallOptions, AwayNotes {
  /** Goes on with what is written from now on, until `signal` aborts: a sensor has no end. */
  readonly follow?: boolean | undefined;
  /** Begins behind the line with this `seq`. */
  readonly after?: number | undefined;
  /** Without `after`: begins so many lines before the end. */
  readonly tail?: number | undefined;
}

export interface SensorsClient {
  /** Each with its status. */
  list(filter?: Listing<ListSensors>): AsyncGenerator<Sensor, void, undefined>;
  /** How it does, and since when. */
  get(ref: string, options?: CallOptions): Promise<Sensor>;
  /** Why it runs or does not, and what would change that. */
  explain(ref: string, options?: CallOptions): Promise<SensorExplanation>;
  /** What it wrote on stderr, and what Yardmaster says of it; the oldest line first. */
  logs(ref: string, options?: SensorLogOptions): AsyncGenerator<SensorLogLine, void, undefined>;
  /** Its process is stopped, and stays so over restarts and changes of its pack. */
  pause(ref: string, options?: CallOptions): Promise<Sensor>;
  /** Starts it again. */
  resume(ref: string, options?: CallOptions): Promise<Sensor>;
  /** Stops its process in order and starts it again, also one that waits for its next start. */
  restart(ref: string, options?: CallOptions): Promise<Sensor>;
  /** Removes its cursor; its process is stopped in order and begun anew without one. */
  reset(ref: string, options?: CallOptions): Promise<Sensor>;
  /** Removes all that is kept of one that no active pack defines any more. */
  forget(ref: string, options?: CallOptions): Promise<void>;
}

export function createSensorsClient(transport: Transport): SensorsClient {
  const path = (ref: string, part = "") => `/v1/sensors/${encodeURIComponent(ref)}${part}`;
  const told =
    (verb: "pause" | "resume" | "restart" | "reset"): SensorsClient["pause"] =>
    (ref, { signal } = {}) =>
      transport.json({ method: "POST", path: path(ref, `/${verb}`), signal });

  return {
    list: (filter = {}) => listPages(transport, "/v1/sensors", filter),
    get: (ref, { signal } = {}) => transport.json({ path: path(ref), signal }),
    explain: (ref, { signal } = {}) => transport.json({ path: path(ref, "/explain"), signal }),
    logs: (ref, { follow = false, after, tail, signal, onAway, onBack } = {}) =>
      follow
        ? followSensorLogs(transport, path(ref, "/logs"), { after, tail, signal, onAway, onBack })
        : listPages<SensorLogLine, LogFilter>(transport, path(ref, "/logs"), {
            after,
            tail,
            signal,
          }),
    pause: told("pause"),
    resume: told("resume"),
    restart: told("restart"),
    reset: told("reset"),
    forget: (ref, { signal } = {}) => transport.json({ method: "DELETE", path: path(ref), signal }),
  };
}

type LogFilter = Pick<SensorLogOptions, "after" | "tail">;
