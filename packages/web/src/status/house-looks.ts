import type { NodeStatus, Pack, QueueStatus, SensorStatus } from "@yardmaster/protocol";
import type { TaskStatus } from "@yardmaster/protocol/core";
import { ICONS, type Look, TONES } from "./look.ts";

/** Of what stands for long: a task, a node, a queue, a pack, a sensor. */
export type HouseStatus = TaskStatus | NodeStatus | QueueStatus | Pack["status"] | SensorStatus;

const { good, bad, warn, busy, quiet } = TONES;
const { check, cross, clock, pause, minus, ring, off } = ICONS;
const AGAIN = "M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5";
const AHEAD = "m3 4 4 4-4 4m6-8 4 4-4 4";
const LINES = "M3 4.5h10M3 8h10M3 11.5h6";
const MARK = "M8 3v6m0 3.4v.1";

export const HOUSE_LOOKS: Record<HouseStatus, Look> = {
  active: { word: "Active", ...good, icon: check },
  paused: { word: "Paused", ...warn, icon: pause },
  completed: { word: "Completed", ...quiet, icon: check },
  canceled: { word: "Canceled", ...quiet, icon: off },
  connected: { word: "Connected", ...good, icon: check },
  reconnecting: { word: "Reconnecting", ...warn, icon: AGAIN },
  draining: { word: "Draining", ...warn, icon: clock },
  disconnected: { word: "Disconnected", ...bad, icon: cross },
  never_seen: { word: "Never seen", ...quiet, icon: ring },
  revoked: { word: "Revoked", ...quiet, icon: off },
  idle: { word: "Idle", ...quiet, icon: minus },
  moving: { word: "Moving", ...busy, icon: AHEAD },
  full: { word: "Full", ...warn, icon: LINES },
  held: { word: "Held", ...bad, icon: MARK },
  broken: { word: "Broken", ...bad, icon: MARK },
  starting: { word: "Starting", ...busy, icon: clock },
  running: { word: "Running", ...good, icon: check },
  stopping: { word: "Stopping", ...quiet, icon: clock },
  backoff: { word: "Waits to restart", ...bad, icon: AGAIN },
  stopped: { word: "Stopped", ...quiet, icon: minus },
};
