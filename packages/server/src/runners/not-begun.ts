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
    this.wayOut = (WAYS_OUT[code] ?? seeTo)(path);
  }
}

/**
 * What is to be thrown where a folder of the worker's own could not be made: nothing of the attempt can be the reason
 * then, whatever the system calls it (Node 20 says ENOENT of a full disk, for folders within folders).
 */
export function notBegun(error: unknown): unknown {
  return isOfSystem(error) ? new NotBegun(error) : error;
}

function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
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

function seeTo(where: string): string {
  return where === ""
    ? "see to the machine"
    : `see that ${where} can be made: its disk may be full`;
}

function raiseLimits(): string {
  return "raise the limits of open files, processes and memory, or lower YARD_WORKER_PROCESSES";
}

function onDiskOf(where: string): string {
  return where === "" ? "" : ` where ${where} lies`;
}
