import { statfs } from "node:fs/promises";
import { isOfMachine, machineWayOut } from "@yardmaster/protocol/core";
import type { ProcessPayload } from "@yardmaster/protocol/node";

/** Thrown where the system refused something of the node's own to a job, whatever it calls the reason. */
class CannotBegin extends Error {}

/** What we say ourselves is no word of the system's, and goes on as it is. */
export function cannotBegin(cause: unknown): never {
  const isOfSystem = cause instanceof Error && "code" in cause;
  throw isOfSystem ? new CannotBegin(cause.message, { cause }) : cause;
}

/** Why a job could not begin and what to do, where that is the machine's; undefined where it is the job's own. */
export function whyNotBegun(error: unknown): string | undefined {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(error instanceof CannotBegin) && !isOfMachine(cause) && !isFullFolder(cause))
    return undefined;
  const { message } = cause as Error;
  const wayOut = machineWayOut(cause as NodeJS.ErrnoException, '"slots" in node.json');
  return `${message}: ${wayOut ?? "see to the machine, whose disk may be full"}`;
}

/** So Node 20 says it of a full disk, for folders within folders. */
function isFullFolder(error: unknown): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException;
  return error instanceof Error && syscall === "mkdir" && code === "ENOENT";
}

/** What is larger than the whole disk would be offered for ever: each file is stored, and copied. */
export async function mayEverFit(
  folder: string,
  { files, work_files }: Pick<ProcessPayload, "files" | "work_files">,
): Promise<boolean> {
  const { blocks, bsize } = await statfs(folder);
  const bytes = [...files, ...work_files].reduce((sum, file) => sum + file.bytes, 0);
  return 2 * bytes <= blocks * bsize;
}
