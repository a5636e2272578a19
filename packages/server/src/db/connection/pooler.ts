import { AppError, failureCode } from "@yardmaster/protocol";

/** Set with each connection and read back: a pooler that passes by what it is given at the start passes by this too. */
export const OWN_SESSION = { name: "yardmaster.session", value: "own" } as const;

/**
 * Connections that a pooler shares are none: what is set, locked and listened to over one is another client's a moment
 * later. PgBouncer refuses our settings, unless it is told to ignore them; Supavisor ignores them.
 * @throws AppError `invalid_setting`; `place` says where.
 */
export function requireOwnSession(session: string | null, place: string): void {
  if (session !== OWN_SESSION.value) throw sharedSession(place);
}

/** PgBouncer's word for settings that it does not hand on, as the failure that it means; any other error as it was. */
export function refusedSettings(error: unknown, place: string): unknown {
  const isRefusal =
    failureCode(error) === "08P01" && /unsupported startup parameter/.test(String(error));
  return isRefusal ? sharedSession(place, error) : error;
}

function sharedSession(place: string, cause?: unknown): AppError {
  const what = `DATABASE_URL: what answers there (${place}) does not take the settings of a connection, as poolers do not`;
  const wayOut =
    "Yardmaster keeps few connections, and listens and locks over them: give it the address of PostgreSQL itself";
  return new AppError("invalid_setting", `${what}; ${wayOut}`, { cause });
}
