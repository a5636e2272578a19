/** Limits and times of process attempts; each is a setting. Their defaults are told in docs/limits.md. */
export interface ProcessLimits {
  /** Kept of stdout and of stderr each; what comes beyond is read and dropped, and that is told. */
  readonly outputLimitBytes: number;
  /** The largest output of an action, as it was printed. */
  readonly resultLimitBytes: number;
  /** From TERM to KILL. */
  readonly graceMs: number;
  /** How long pipes that others hold open are read on after the process has ended. */
  readonly drainMs: number;
  /** How long a process may survive KILL (it runs as another user, or hangs in the system) before it is given up. */
  readonly killWaitMs: number;
}

export const DEFAULT_LIMITS: ProcessLimits = {
  outputLimitBytes: 10 * 1024 * 1024,
  resultLimitBytes: 1024 * 1024,
  graceMs: 10_000,
  drainMs: 200,
  killWaitMs: 5_000,
};

/** What bounds a worker's attempts, wherever they are carried out. */
export function limitsOf(given: Partial<ProcessLimits>): ProcessLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  // What is not kept of stdout cannot be a result: the smaller limit holds for it.
  const resultLimitBytes = Math.min(limits.resultLimitBytes, limits.outputLimitBytes);
  return { ...limits, resultLimitBytes };
}

const UNITS = [
  [1024 ** 3, "GiB"],
  [1024 ** 2, "MiB"],
  [1024, "KiB"],
] as const;

/** "1 MiB (1048576 bytes)": exact, and readable. */
export function describeBytes(bytes: number): string {
  const found = UNITS.find(([least]) => bytes >= least);
  if (found === undefined) return `${bytes} bytes`;
  const [unit, name] = found;
  return `${Math.round((bytes / unit) * 10) / 10} ${name} (${bytes} bytes)`;
}
