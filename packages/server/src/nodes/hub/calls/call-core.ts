import type { AppError } from "@yardmaster/protocol";

/** Where a call stands, and its end: once, and told to whoever waits. */
export interface CallCore<T> {
  readonly outcome: Promise<T>;
  readonly isEnded: boolean;
  end(outcome: T): void;
  fail(error: AppError): void;
  /** Calls back after so long unless it has ended. A second time replaces the first. */
  after(ms: number, onDue: () => void): void;
  stopClock(): void;
}

export function createCallCore<T>(onEnded: () => void): CallCore<T> {
  let settle: { resolve: (outcome: T) => void; reject: (error: AppError) => void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const outcome = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });

  function over(): typeof settle {
    const open = settle;
    settle = undefined;
    clearTimeout(timer);
    return open;
  }

  return {
    outcome,
    get isEnded() {
      return settle === undefined;
    },
    end(value) {
      const open = over();
      if (open === undefined) return;
      open.resolve(value);
      onEnded();
    },
    fail(error) {
      const open = over();
      if (open === undefined) return;
      open.reject(error);
      onEnded();
    },
    after(ms, onDue) {
      clearTimeout(timer);
      if (settle === undefined) return;
      timer = setTimeout(onDue, ms);
      timer.unref();
    },
    stopClock: () => clearTimeout(timer),
  };
}
