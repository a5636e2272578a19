import { useEffect, useRef, useState } from "react";
import { useSession } from "../session/session.tsx";
import { addHistory, type HistorySum, MATCHES_SHOWN } from "./history-sum.ts";

interface HistoryState {
  readonly sum: HistorySum | undefined;
  readonly error: unknown;
  readonly isJudging: boolean;
}

/** Tries a rule on the events since a time, and tells how far that is as it goes on. */
export function useHistory(rule: string) {
  const { client } = useSession();
  const [state, setState] = useState<HistoryState>({
    ...{ sum: undefined, error: null, isJudging: false },
  });
  const judging = useRef<AbortController>(undefined);
  useEffect(() => () => judging.current?.abort(), []);

  function stop(): void {
    judging.current?.abort();
    setState((before) => ({ ...before, isJudging: false }));
  }

  async function start(since: string, until: string | undefined): Promise<void> {
    judging.current?.abort();
    const own = new AbortController();
    judging.current = own;
    let sum: HistorySum | undefined;
    setState({ sum, error: null, isJudging: true });
    try {
      const trial = { rule, since, until, matches: MATCHES_SHOWN };
      for await (const piece of client.rules.history(trial, { signal: own.signal })) {
        sum = addHistory(sum, piece);
        setState({ sum, error: null, isJudging: sum.isOpen });
      }
    } catch (error) {
      if (!own.signal.aborted) setState({ sum, error, isJudging: false });
    }
  }

  return { ...state, start, stop };
}
