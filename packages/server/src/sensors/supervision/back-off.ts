const FIRST_MS = 5_000;
const MOST_MS = 300_000;
/** Who has run for so long is well: what failed before counts no longer. */
export const WELL_AFTER_MS = 60_000;
/** So many failures in a row are told. */
export const ALERT_AFTER = 3;

export interface Failures {
  /** In a row, this one included. */
  readonly failures: number;
  /** When it is started again. */
  readonly againInMs: number;
  /** This is the one that is told. */
  readonly isAlert: boolean;
  /** It has been told. */
  readonly alerted: boolean;
}

/** What follows when the process of a sensor has ended by itself: 5 s, 10, 20, … and at most 300 s of rest. */
export function afterFailure(
  before: { readonly failures: number; readonly alerted: boolean },
  ranMs: number,
): Failures {
  const wasWell = ranMs >= WELL_AFTER_MS;
  const failures = (wasWell ? 0 : before.failures) + 1;
  const alertedBefore = !wasWell && before.alerted;
  const alerted = alertedBefore || failures >= ALERT_AFTER;
  return {
    failures,
    againInMs: Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), MOST_MS),
    isAlert: alerted && !alertedBefore,
    alerted,
  };
}
