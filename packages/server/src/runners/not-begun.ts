import { machineWayOut, type SystemError } from "@yardmaster/protocol";

/**
 * Thrown before the process of an attempt has begun, for a reason of the machine and not of the attempt: nothing ran,
 * and elsewhere, or there later, it may.
 */
export class NotBegun extends Error {
  /** In words of an operator. */
  readonly wayOut: string;

  constructor(message: string, wayOut: string, options?: ErrorOptions) {
    super(message, options);
    this.wayOut = wayOut;
  }
}

/** Of this machine. */
export function notBegunHere(cause: SystemError): NotBegun {
  const message = `this machine could not begin its process: ${cause.message}`;
  const wayOut = machineWayOut(cause, "YARD_WORKER_PROCESSES") ?? seeTo(cause.path);
  return new NotBegun(message, wayOut, { cause });
}

/**
 * What is to be thrown where a folder of the worker's own could not be made: nothing of the attempt can be the reason
 * then, whatever the system calls it (Node 20 says ENOENT of a full disk, for folders within folders).
 */
export function notBegun(error: unknown): unknown {
  return isOfSystem(error) ? notBegunHere(error) : error;
}

function isOfSystem(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error;
}

function seeTo(where: string | undefined): string {
  return where === undefined
    ? "see to the machine"
    : `see that ${where} can be made: its disk may be full`;
}
