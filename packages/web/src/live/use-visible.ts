import { useSyncExternalStore } from "react";

/**
 * Whether somebody looks at this tab. What listens gives its connection up when nobody does: a browser has six for
 * each server, over all tabs.
 */
export function useVisible(): boolean {
  return useSyncExternalStore(subscribe, () => !document.hidden);
}

function subscribe(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
