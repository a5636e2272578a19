import { useEffect, useEffectEvent, useRef } from "react";
import { createRefresher, type Refresher } from "./refresher.ts";

/** A function that says "this may be old"; `read` then runs at most every `everyMs`. */
export function useRefresher(read: () => Promise<unknown>, everyMs: number): () => void {
  const readNow = useEffectEvent(read);
  const refresher = useRef<Refresher>(undefined);
  useEffect(() => {
    const own = createRefresher(() => readNow(), everyMs);
    refresher.current = own;
    return () => own.stop();
  }, [everyMs]);
  return () => refresher.current?.touch();
}
