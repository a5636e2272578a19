import { failureCode } from "./failure-code.ts";

/** An error of the system, as Node.js throws it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
}

/** What is to be done about each; `where` is what was to be made or started, `lessWork` what lets fewer run at once. */
const WAYS_OUT: Readonly<Record<string, (where: string, lessWork: string) => string>> = {
  ENOSPC: makeRoom,
  EDQUOT: makeRoom,
  EROFS: mend,
  EIO: mend,
  EMFILE: raiseLimits,
  ENFILE: raiseLimits,
  ENOMEM: raiseLimits,
  EAGAIN: raiseLimits,
};

/** Of what was to begin something: the machine cannot now, and nothing is wrong with what was to be begun. */
export function isOfMachine(error: unknown): error is SystemError {
  return (failureCode(error) ?? "") in WAYS_OUT;
}

/** What is to be done about an error of the machine, in words of an operator; undefined for any other. */
export function machineWayOut(
  { code, path = "" }: { readonly code?: string | undefined; readonly path?: string | undefined },
  lessWork: string,
): string | undefined {
  return code === undefined ? undefined : WAYS_OUT[code]?.(path, lessWork);
}

function makeRoom(where: string): string {
  return `make room${onDiskOf(where)}`;
}

function mend(where: string): string {
  return `mend the disk, or mount it anew${onDiskOf(where)}`;
}

function raiseLimits(_: string, lessWork: string): string {
  return `raise the limits of open files, processes and memory, or lower ${lessWork}`;
}

function onDiskOf(where: string): string {
  return where === "" ? "" : ` where ${where} lies`;
}
