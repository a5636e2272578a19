import { createRequester, type Requester } from "../runners/index.ts";
import type { Settings } from "../settings/index.ts";

const TIMEOUT_MS = 30_000;
/** A page of a hundred issues, each with the longest body that GitHub takes, is 7 MB; Gitea knows no longest. */
const RESPONSE_LIMIT_BYTES = 32 * 1024 * 1024;

/** What asks trackers: of the same places that the requests of runs may go to. */
export function trackerRequester({ httpAllow }: Settings): Requester {
  return createRequester({
    allow: httpAllow,
    timeoutMs: TIMEOUT_MS,
    responseLimitBytes: RESPONSE_LIMIT_BYTES,
  });
}
