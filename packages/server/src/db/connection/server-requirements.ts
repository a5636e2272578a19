import { AppError } from "@yardmaster/protocol";
import type { ServerFacts } from "./server.store.ts";

/** Newer majors than we know are welcome. */
const OLDEST_VERSION = 140_000;

/** @throws AppError `invalid_setting` for a database that cannot hold every text, or counts bytes for characters. */
export function requireUtf8({ encoding }: ServerFacts, place: string): void {
  if (encoding === "UTF8") return;
  const what = `DATABASE_URL: the database (${place}) has the encoding ${encoding}, and is to have UTF8`;
  const wayOut = "CREATE DATABASE name OWNER role ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0";
  throw new AppError("invalid_setting", `${what}; make another: ${wayOut}`);
}

/** @throws AppError `invalid_setting` for a server older than 14; `place` says which. */
export function requireVersion(facts: ServerFacts, place: string): void {
  if (facts.version >= OLDEST_VERSION) return;
  const what = `PostgreSQL ${facts.versionText} (${place}) is too old.`;
  throw new AppError("invalid_setting", `${what} Yardmaster needs 14 or later (DATABASE_URL).`);
}
