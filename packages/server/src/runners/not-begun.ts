/** What is to be done about each reason of the machine; `where` is what was to be made or started. */
const WAYS_OUT: Readonly<Record<string, (where: string) => string>> = {
  ENOSPC: makeRoom,
  EDQUOT: makeRoom,
  EROFS: mend,
  EIO: mend,
  EMFILE: raiseLimits,
  ENFILE: raiseLimits,
  ENOMEM: raiseLimits,
  EAGAIN: raiseLimits,
};

/**
 * Thrown before the process of an attempt has begun, for a reason of the machine and not of the attempt: nothing ran,
 * and elsewhere, or here later, it may.
 */
export class NotBegun extends Error {
  /** In words of an operator. */
  readonly wayOut: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(`this machine could not begin its process: ${cause.message}`, { cause });
    const { code = "", path = "" } = cause;
    this.wayOut = WAYS_OUT[code]?.(path) ?? "see to the machine";
  }
}

/** What is to be thrown for an error that came before the process: where the machine is the reason, that it was not begun. */
export function notBegun(error: unknown): unknown {
  return isOfMachine(error) ? new NotBegun(error) : error;
}

export function isOfMachine(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && String(error.code) in WAYS_OUT;
}

function makeRoom(where: string): string {
  return `make room${onDiskOf(where)}`;
}

function mend(where: string): string {
  return `mend the disk, or mount it anew${onDiskOf(where)}`;
}

function raiseLimits(): string {
  return "raise the limits of open files, processes and memory, or lower YARD_WORKER_PROCESSES";
}

function onDiskOf(where: string): string {
  return where === "" ? "" : ` where ${where} lies`;
}
