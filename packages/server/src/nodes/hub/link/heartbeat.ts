export interface HeartbeatOptions {
  /** Nothing received for so long is dead. */
  readonly staleMs: number;
  /** How often a node with `lifecycle` is asked, and how long it may take to answer. */
  readonly pingMs: number;
  readonly pongMs: number;
}

/** Whether a node still lives. Anything that comes is a sign of it, half a message too. */
export interface Heartbeat {
  pong(): void;
  pingNow(nowMs: number): void;
  /** `seen`: something came since the last look. */
  check(nowMs: number): "seen" | "quiet" | "dead";
}

export function createHeartbeat(
  options: HeartbeatOptions,
  asks: boolean,
  {
    receivedBytes,
    ping,
    now,
  }: { readonly receivedBytes: () => number; readonly ping: () => void; readonly now: number },
): Heartbeat {
  let seenBytes = -1;
  let seenAtMs = now;
  let askedAtMs = now;
  let isAwaited = false;

  function pingNow(nowMs: number): void {
    askedAtMs = nowMs;
    isAwaited = true;
    ping();
  }

  return {
    pingNow,
    pong() {
      isAwaited = false;
    },
    check(nowMs) {
      const bytes = receivedBytes();
      const isSeen = bytes !== seenBytes;
      if (isSeen) {
        seenBytes = bytes;
        seenAtMs = nowMs;
      }
      if (nowMs - seenAtMs >= options.staleMs) return "dead";
      if (asks && isAwaited && nowMs - askedAtMs >= options.pongMs) return "dead";
      if (asks && !isAwaited && nowMs - askedAtMs >= options.pingMs) pingNow(nowMs);
      return isSeen ? "seen" : "quiet";
    },
  };
}
