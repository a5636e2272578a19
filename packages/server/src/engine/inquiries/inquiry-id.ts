import { createHash } from "node:crypto";
import type { AttemptPlace } from "@yardmaster/kernel";

/**
 * The id of an attempt's inquiry: a UUIDv7 with the time of its run, and for the rest the hash of the attempt. So an
 * attempt has one at most however often its advance is decided, and whoever knows the attempt knows the id.
 */
export function inquiryId(runId: string, { slot, number }: AttemptPlace): string {
  const hash = createHash("sha256").update(`${runId}/${slot}/${number}`).digest("hex");
  const variant = ((Number.parseInt(hash.charAt(3), 16) & 3) | 8).toString(16);
  return `${runId.slice(0, 13)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
