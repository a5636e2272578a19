import { createRollingWindow, type RollingWindow } from "../wire/rolling-window.ts";

/**
 * How often a node may log in: each time there are rows in the audit, events and a link in the database, which a node
 * that comes and goes as fast as it can would fill. By its token: whoever has a copied one keeps nobody out who was given
 * a new one.
 */
export interface LoginRate {
  /** Milliseconds after which to try again, or 0. What is refused is not counted. */
  take(tokenId: string, nowMs: number): number;
  forget(nowMs: number): void;
}

const SPAN_MS = 60_000;

export function createLoginRate(perMinute: number): LoginRate {
  const windows = new Map<string, RollingWindow>();
  return {
    take(tokenId, nowMs) {
      const window = windows.get(tokenId) ?? createRollingWindow(perMinute, SPAN_MS);
      windows.set(tokenId, window);
      return window.take(nowMs) ? 0 : Math.max(1, Math.ceil(window.waitMs(nowMs)));
    },
    forget(nowMs) {
      for (const [tokenId, window] of windows) if (window.isEmpty(nowMs)) windows.delete(tokenId);
    },
  };
}
