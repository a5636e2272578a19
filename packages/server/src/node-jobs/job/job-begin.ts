/** A node says at once what it cannot begin; of a process that prints nothing nothing else tells that it runs. */
const BEGUN_AFTER_MS = 5_000;

/** Watches for the begin of a job's process: its first word, or that its node, which has all of it, says nothing. */
export function createJobBegin(deps: {
  readonly isLinked: () => boolean;
  /** Whether the node waits for files of it still. */
  readonly isLacking: () => boolean;
  readonly onBegun: (() => void) | undefined;
}) {
  let isHeard = false;
  let timer: NodeJS.Timeout | undefined;

  function watch(): void {
    timer = setTimeout(() => {
      if (isHeard) return;
      if (deps.isLacking() || !deps.isLinked()) watch();
      else deps.onBegun?.();
    }, BEGUN_AFTER_MS);
  }

  return {
    /** Its node has taken it. */
    watch,
    /** Its process has printed something. */
    heard(): void {
      if (!isHeard) deps.onBegun?.();
      isHeard = true;
    },
    isHeard: (): boolean => isHeard,
    stop: (): void => clearTimeout(timer),
  };
}
