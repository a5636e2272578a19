import { MAX_WAIT_S } from "@yardmaster/protocol";

const WAIT = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i;

/**
 * Seconds that a client would wait by its `Prefer` header (RFC 7240), at most 60; undefined where it does not say.
 * A preference that cannot be read counts as none, as the RFC says.
 */
export function preferredWaitS(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = WAIT.exec(typeof header === "string" ? header : header.join(","))?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT_S);
}
