import { AppError, failureCode, isAppError } from "@yardmaster/protocol";
import { placeOf } from "./connection.ts";
import { isConnectionLoss, isRefusal, standstillOf } from "./connection-loss.ts";
import { refusalText } from "./refusal.ts";

const BROKEN_OFF = "57014";
const WITHOUT_RIGHTS = "42501";

/** True where a statement failed by where it was sent, and not by itself: `startFailure` then says what to do. */
export function isOfTheServer(error: unknown): boolean {
  const code = failureCode(error);
  return code === BROKEN_OFF || code === WITHOUT_RIGHTS || isConnectionLoss(error);
}

/**
 * What kept a process from starting, in words that say what to do where it is PostgreSQL's doing; never with the URL,
 * which has the password. Anything else as it was. `urlName` is where the address comes from.
 */
export function startFailure(url: string, error: unknown, urlName = "DATABASE_URL"): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error;
  const standstill = standstillOf(error);
  if (standstill !== undefined)
    return new AppError("unavailable", `${standstill} (${placeOf(url)})`, { cause: error });
  if (failureCode(error) === BROKEN_OFF) return brokenOff(url, error, urlName);
  if (failureCode(error) === WITHOUT_RIGHTS) return withoutRights(url, error, urlName);
  if (isRefusal(error)) return refused(url, error, urlName);
  return isConnectionLoss(error) ? outOfReach(url, error) : error;
}

function refused(url: string, cause: Error, urlName: string): AppError {
  const what = `${urlName}: PostgreSQL (${placeOf(url)}) cannot be used: ${refusalText(cause)}`;
  return new AppError("invalid_setting", what, { cause });
}

function outOfReach(url: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message || String(failureCode(cause)) : "";
  return new AppError("unavailable", `PostgreSQL (${placeOf(url)}) is out of reach: ${why}`, {
    cause,
  });
}

function withoutRights(url: string, cause: Error, urlName: string): AppError {
  const what = `${urlName}: its role may not use the database (${placeOf(url)}): ${cause.message}`;
  const wayOut = "make the role the owner of the database, and of the tables in it";
  return new AppError("invalid_setting", `${what}; ${wayOut}`, { cause });
}

function brokenOff(url: string, cause: Error, urlName: string): AppError {
  const what = `${urlName}: PostgreSQL (${placeOf(url)}) broke off what the start asks of it: ${cause.message}`;
  const wayOut = "take statement_timeout out of the address, or out of the pooler between";
  return new AppError("invalid_setting", `${what}; ${wayOut}`, { cause });
}
