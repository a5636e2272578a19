import { ERRORS, type ErrorCode, isAppError } from "@yardmaster/protocol";
import type { StoredAnswer } from "./kept-answers.store.ts";

/**
 * How a request ended. `done`: with an answer that is kept. `refused`: nothing was done, and its key is free again.
 * `unknown`: it may have been done.
 */
export type Ending =
  | { readonly is: "done"; readonly answer: StoredAnswer }
  | { readonly is: "refused" }
  | { readonly is: "unknown" };

/** 409 to clients that would send them again by themselves; what became of the call is not known. */
const UNKNOWN: ReadonlySet<string> = new Set<ErrorCode>([
  "node_disconnected",
  "connection_replaced",
  "node_timeout",
]);

/** Of an error that was thrown. What has a status below 400 was refused with 422. */
export function endingOfError(error: unknown): Ending {
  return isAppError(error)
    ? endingOfProblem(ERRORS[error.code].status, error.code)
    : { is: "unknown" };
}

/** Of a problem that was answered: 4xx says that nothing was done. */
export function endingOfProblem(status: number, code: string): Ending {
  return { is: status >= 500 || UNKNOWN.has(code) ? "unknown" : "refused" };
}
