import { STEP_FILE_LIMITS, type WorkError } from "@yardmaster/protocol";
import { describeBytes } from "../runners/index.ts";

/** Why a tree of runs that has `otherBytes` may not have these contents (by checksum, in bytes) beside them. */
export function treeFlaw(
  otherBytes: number,
  handed: ReadonlyMap<string, number>,
): WorkError | undefined {
  const { treeBytes } = STEP_FILE_LIMITS;
  const ownBytes = [...handed.values()].reduce((sum, bytes) => sum + bytes, 0);
  const bytes = otherBytes + ownBytes;
  if (bytes <= treeBytes) return undefined;
  const message = `With the ${describeBytes(ownBytes)} that it hands back, the files of the run and of the runs that are its steps have ${describeBytes(bytes)}; at most ${describeBytes(treeBytes)} are allowed. Hand back less, or keep large results elsewhere and return where.`;
  return { code: "limit_exceeded", message, details: { bytes, limit_bytes: treeBytes } };
}
