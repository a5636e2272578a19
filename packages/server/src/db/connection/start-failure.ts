import { AppError, failureCode, isAppError } from "@yardmaster/protocol";
import { placeOf } from "./connection.ts";
import { isConnectionLoss, standstillOf } from "./connection-loss.ts";

/**
 * What kept a process from starting, in words that say what to do where it is PostgreSQL's doing; never with the URL,
 * which has the password. Anything else as it was.
 */
export function startFailure(url: string, error: unknown): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error;
  const standstill = standstillOf(error);
  if (standstill !== undefined)
    return new AppError("unavailable", `${standstill} (${placeOf(url)})`, { cause: error });
  if (isConnectionLoss(error)) return outOfReach(url, error);
  return failureCode(error) === "42501" ? withoutRights(url, error) : error;
}

function outOfReach(url: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message || String(failureCode(cause)) : "";
  return new AppError("unavailable", `PostgreSQL (${placeOf(url)}) is out of reach: ${why}`, {
    cause,
  });
}

function withoutRights(url: string, cause: Error): AppError {
  const what = `DATABASE_URL: its role may not use the database (${placeOf(url)}): ${cause.message}`;
  const wayOut = "make the role the owner of the database, and of the tables in it";
  return new AppError("invalid_setting", `${what}; ${wayOut}`, { cause });
}
