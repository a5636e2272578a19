import { NODE_TIMES } from "@yardmaster/protocol/node";

export interface HeartbeatOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly ping: () => void;
  /** Nothing was received for `watchdogMs`. Called once. */
  readonly onDead: () => void;
  readonly pingMs?: number;
  readonly watchdogMs?: number;
}

export interface Heartbeat {
  /** A message came, whatever it was. */
  heard(): void;
  stop(): void;
}

/** Pings every 30 s and listens: a link on which nothing came for 90 s is dead, whatever the socket says. */
export function startHeartbeat({
  now,
  ping,
  onDead,
  pingMs = NODE_TIMES.pingMs,
  watchdogMs = NODE_TIMES.watchdogMs,
}: HeartbeatOptions): Heartbeat {
  let heardAtMs = now();
  const pings = setInterval(ping, pingMs);
  const watchdog = setInterval(() => {
    if (now() - heardAtMs < watchdogMs) return;
    stop();
    onDead();
  }, Math.min(pingMs, watchdogMs) / 2);
  const stop = () => {
    clearInterval(pings);
    clearInterval(watchdog);
  };
  return {
    heard() {
      heardAtMs = now();
    },
    stop,
  };
}
