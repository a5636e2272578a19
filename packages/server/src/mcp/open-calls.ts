/** Calls that wait, by who made them: in an answer of its own each, which its cancellation has to find. */
export interface OpenCalls {
  /** Aborts with `signal`, or when the call is cancelled; `close` when it is over. */
  open(caller: string, id: string | number, signal: AbortSignal): OpenCall;
  cancel(caller: string, id: string | number): void;
}

export interface OpenCall {
  readonly signal: AbortSignal;
  close(): void;
}

export function createOpenCalls(): OpenCalls {
  const open = new Map<string, AbortController>();
  const keyOf = (caller: string, id: string | number): string => JSON.stringify([caller, id]);
  return {
    open(caller, id, signal) {
      const key = keyOf(caller, id);
      const canceling = new AbortController();
      open.set(key, canceling);
      return {
        signal: AbortSignal.any([signal, canceling.signal]),
        close() {
          if (open.get(key) === canceling) open.delete(key);
        },
      };
    },
    cancel: (caller, id) => open.get(keyOf(caller, id))?.abort(),
  };
}
