import { isIPv6 } from "node:net";
import { createRollingWindow, type RollingWindow } from "./rolling-window.ts";

export interface GateLimits {
  /** Sockets that are not logged in, in all and from one address. */
  readonly strangers: number;
  readonly strangersPerAddress: number;
  /** Failed handshakes of one address within a minute; 0: unlimited. */
  readonly failuresPerMinute: number;
}

/** Who may open a socket: strangers must not fill the memory, nor try tokens for as long as they like. */
export interface Gate {
  /** Milliseconds after which to try again, or 0: come in, and `leave` later. */
  enter(address: string, nowMs: number): number;
  /** The handshake is over. */
  leave(address: string): void;
  failed(address: string, nowMs: number): void;
  /** Forgets addresses that have nothing to answer for; to be called now and then. */
  forget(nowMs: number): void;
}

interface Origin {
  open: number;
  readonly failures: RollingWindow;
}

const SPAN_MS = 60_000;
const CROWDED_MS = 1_000;

export function createGate(limits: GateLimits): Gate {
  const origins = new Map<string, Origin>();
  let open = 0;

  function originOf(address: string): Origin {
    const key = networkOf(address);
    const known = origins.get(key);
    if (known !== undefined) return known;
    const origin = { open: 0, failures: createRollingWindow(limits.failuresPerMinute, SPAN_MS) };
    origins.set(key, origin);
    return origin;
  }

  return {
    enter(address, nowMs) {
      const origin = originOf(address);
      const waitMs = origin.failures.waitMs(nowMs);
      if (waitMs > 0) return Math.ceil(waitMs);
      if (open >= limits.strangers || origin.open >= limits.strangersPerAddress) return CROWDED_MS;
      origin.open++;
      open++;
      return 0;
    },
    leave(address) {
      originOf(address).open--;
      open--;
    },
    failed: (address, nowMs) => void originOf(address).failures.take(nowMs),
    forget(nowMs) {
      for (const [key, origin] of origins)
        if (origin.open <= 0 && origin.failures.isEmpty(nowMs)) origins.delete(key);
    },
  };
}

/** One host has a whole /64 of IPv6. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  if (tail === undefined || groups.length >= 4) return groups.slice(0, 4).join(":");
  return `${groups.join(":")}::`;
}
