import { useEffect, useEffectEvent, useRef } from "react";
import { useSession } from "../session/session.tsx";
import { setConnection } from "./connection.ts";
import { followStream, type StreamListener } from "./follow-stream.ts";
import { pauseBeforeRetry } from "./pause-before-retry.ts";
import { useVisible } from "./use-visible.ts";

export interface LiveOptions {
  readonly types: string;
  readonly run?: string;
  /** False where nothing can change any more. */
  readonly isWanted?: boolean;
}

/**
 * Listens to the change feed while the component stands and its tab is looked at. `ready` and `gap` come too: what is
 * shown may be old then.
 */
export function useLive(
  { types, run, isWanted = true }: LiveOptions,
  onMessage: StreamListener["onMessage"],
): void {
  const { client } = useSession();
  const isVisible = useVisible();
  const after = useRef<string>(undefined);
  const take = useEffectEvent(onMessage);

  useEffect(() => {
    if (!isVisible) return setConnection("paused");
    if (!isWanted) return setConnection("ended");
    const listening = new AbortController();
    const { signal } = listening;
    const keepCursor = (cursor: string): void => {
      after.current = cursor;
    };
    void followStream(
      { stream: client.stream, pause: pauseBeforeRetry },
      { types, ...(run !== undefined && { run }) },
      { onMessage: (message) => take(message), onConnection: setConnection, onCursor: keepCursor },
      { after: after.current, signal },
    );
    return () => listening.abort();
  }, [client, types, run, isVisible, isWanted]);
}
