import { useSyncExternalStore } from "react";

/** What the live stream of this tab is doing; `paused` while nobody looks, `ended` where nothing changes any more, or nothing may be heard. */
export type Connection = "connecting" | "live" | "offline" | "paused" | "ended";

let current: Connection = "connecting";
const listeners = new Set<() => void>();

export function setConnection(next: Connection): void {
  if (next === current) return;
  current = next;
  for (const listener of listeners) listener();
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
