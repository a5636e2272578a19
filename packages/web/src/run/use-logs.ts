import { isAppError } from "@yardmaster/protocol/core";
import { useEffect, useRef, useState } from "react";
import { pauseBeforeRetry } from "../live/pause-before-retry.ts";
import { useVisible } from "../live/use-visible.ts";
import { useSession } from "../session/session.tsx";
import { createLogText, type LogRow } from "./log-text.ts";

const MAX_ROWS = 5_000;
/** Lines that come in a burst are drawn together. */
const DRAW_EVERY_MS = 100;

export interface Logs {
  readonly rows: readonly LogRow[];
  /** Whether there are rows before these. */
  readonly hasOlder: boolean;
  /** Whether more may come. */
  readonly isOpen: boolean;
  readonly error: unknown;
}

const NONE: Logs = { rows: [], hasOlder: false, isOpen: true, error: undefined };

/** The end of the log of a run, or of one slot of it, and what comes as it is written. Its component must stand anew for another slot. */
export function useLogs(id: string, slot: string | undefined): Logs {
  const { client } = useSession();
  const isVisible = useVisible();
  const [logs, setLogs] = useState(NONE);
  const text = useRef(createLogText(MAX_ROWS));
  const after = useRef<string>(undefined);
  const hasEnded = useRef(false);

  useEffect(() => {
    if (!isVisible || hasEnded.current) return;
    const reading = new AbortController();
    const { signal } = reading;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (state: Partial<Logs> = {}): void => {
      clearTimeout(timer);
      timer = undefined;
      setLogs({ isOpen: true, error: undefined, ...text.current.read(), ...state });
    };

    async function readOrWait(): Promise<void> {
      while (!signal.aborted && !hasEnded.current) {
        try {
          await read();
        } catch (error) {
          if (signal.aborted) return;
          const isRefused = isAppError(error) && error.code !== "unavailable";
          draw({ isOpen: !isRefused, error });
          if (isRefused) return;
          await pauseBeforeRetry(signal);
        }
      }
    }

    async function read(): Promise<void> {
      const options = { follow: true, step: slot, tail: MAX_ROWS, after: after.current, signal };
      for await (const piece of client.runs.logs(id, options)) {
        text.current.push(piece);
        after.current = piece.cursor;
        timer ??= setTimeout(draw, DRAW_EVERY_MS);
      }
      hasEnded.current = true;
      draw({ isOpen: false });
    }

    void readOrWait();
    return () => {
      clearTimeout(timer);
      reading.abort();
    };
  }, [client, id, slot, isVisible]);

  return logs;
}
