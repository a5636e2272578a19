import type { AgentProfile } from "@yardmaster/kernel";
import type { StoppedFor } from "./judged.ts";

export interface WatchTimes {
  readonly silenceMs: number;
  /** Of one that is spoken with: so long it may take until it answers at all. */
  readonly introducesMs?: number;
  /** Once it has said how its work ended, its program goes; what it has left running must not hold the attempt. */
  readonly lingersMs: number;
}

/** npx may have to fetch it first. */
const INTRODUCES_MS = 120_000;

/** How long an agent that is spoken with may take until it answers at all. */
export function introducesMs({ silenceMs }: Pick<AgentProfile, "silenceMs">): number {
  return Math.min(silenceMs, INTRODUCES_MS);
}

export interface Watch {
  /** Aborts as a cancel does. */
  readonly signal: AbortSignal;
  /** The same of one that has said how its work ended, and does not go. */
  readonly lingering: AbortSignal;
  stoppedFor(): StoppedFor | undefined;
  /** It has said something. */
  sign(): void;
  /** It has answered. */
  isIntroduced(): void;
  /** Its provider refuses it for good. */
  isRefused(): void;
  /** It has said how its work ended. */
  hasEnded(): void;
  /** Its process has ended. */
  end(): void;
}

/** Stops an agent that gives no sign for too long, that is refused for good, or that does not go. */
export function createWatch({ silenceMs, introducesMs, lingersMs }: WatchTimes): Watch {
  const aborting = new AbortController();
  const dismissing = new AbortController();
  let stoppedFor: StoppedFor | undefined;
  let isAwaited = introducesMs !== undefined;
  let timer = setTimeout(stop, introducesMs ?? silenceMs, isAwaited ? "no_answer" : "silence");

  function stop(why: StoppedFor): void {
    stoppedFor ??= why;
    (why === "lingering" ? dismissing : aborting).abort("cancel");
  }

  return {
    signal: aborting.signal,
    lingering: dismissing.signal,
    stoppedFor: () => stoppedFor,
    // Before it is known to speak the protocol, what it prints is no sign of it.
    sign: () => void (isAwaited || timer.refresh()),
    isIntroduced() {
      isAwaited = false;
      clearTimeout(timer);
      timer = setTimeout(stop, silenceMs, "silence");
    },
    isRefused: () => stop("refused"),
    hasEnded() {
      isAwaited = false;
      clearTimeout(timer);
      timer = setTimeout(stop, lingersMs, "lingering");
    },
    end: () => clearTimeout(timer),
  };
}
