/**
 * The named points of the engine: between any two of them a process may die, and nothing may be lost.
 * The crash tests kill real processes at each; the server itself gives no `onPoint`.
 */
export const ENGINE_POINTS = [
  "flush.before",
  "flush.after",
  "advance.committed",
  "claim.leased",
  "worker.accepted",
  "worker.carried_out",
  "worker.posted",
  "timers.found",
  "recovery.ended_sessions",
  "recovery.found_lost",
  "recovery.posted_lost",
  "stop.committed",
  "session.renewed",
] as const;
export type EnginePoint = (typeof ENGINE_POINTS)[number];

export type OnPoint = (point: EnginePoint) => void;
