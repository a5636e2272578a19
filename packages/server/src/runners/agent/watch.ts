import type { StoppedFor } from "./judged.ts";

export interface WatchTimes {
  readonly silenceMs: number;
  /** Once it has said how its work ended, its program goes; what it has left running must not hold the attempt. */
  readonly lingersMs: number;
}

export interface Watch {
  /** Aborts as a cancel does. */
  readonly signal: AbortSignal;
  stoppedFor(): StoppedFor | undefined;
  /** It has said something. */
  sign(): void;
  /** Its provider refuses it for good. */
  isRefused(): void;
  /** It has said how its work ended. */
  hasEnded(): void;
  /** Its process has ended. */
  end(): void;
}

/** Stops an agent that gives no sign for too long, that is refused for good, or that does not go. */
export function createWatch({ silenceMs, lingersMs }: WatchTimes): Watch {
  const aborting = new AbortController();
  let stoppedFor: StoppedFor | undefined;
  let timer = setTimeout(stop, silenceMs, "silence");

  function stop(why: StoppedFor): void {
    stoppedFor ??= why;
    aborting.abort("cancel");
  }

  return {
    signal: aborting.signal,
    stoppedFor: () => stoppedFor,
    sign: () => void timer.refresh(),
    isRefused: () => stop("refused"),
    hasEnded() {
      clearTimeout(timer);
      timer = setTimeout(stop, lingersMs, "lingering");
    },
    end: () => clearTimeout(timer),
  };
}
