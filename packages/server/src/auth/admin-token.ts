import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NewId } from "@yardmaster/protocol";
import { failureCode } from "@yardmaster/protocol";
import { type Database, writePrivateFile } from "../db/index.ts";
import { newTokenText, tokenHash } from "./token-text.ts";
import { adminState, insertToken, type NewToken, replaceToken } from "./tokens.store.ts";

/** Where `yard` on the same machine finds the token. */
export const ADMIN_TOKEN_FILE = "admin-token";
const NAME = "admin";

export interface AdminToken {
  /** Undefined where the installation has admin tokens already, none of which is known here. */
  readonly token: string | undefined;
  /** True when it was made just now: show it once. */
  readonly created: boolean;
  /** The file that keeps it, mode 0600. */
  readonly path: string;
}

export interface AdminTokenDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly dataFolder: string;
  readonly newId: NewId;
  readonly random: (bytes: number) => Buffer;
}

/**
 * Sees to it that there is a way in. `configured` (YARD_ADMIN_TOKEN) becomes the token `admin`, in place of the one
 * before. Else the file's token is used; an installation without any admin token gets a new one.
 */
export async function ensureAdminToken(
  deps: AdminTokenDeps,
  configured: string | undefined,
): Promise<AdminToken> {
  const { database } = deps;
  const path = join(deps.dataFolder, ADMIN_TOKEN_FILE);
  const kept = readToken(path);
  if (configured !== undefined) {
    if (kept !== configured) writePrivateFile(path, `${configured}\n`);
    await replaceToken(database.pool, adminRow(deps, configured));
    return { token: configured, created: false, path };
  }
  const state = await adminState(database.pool, kept && tokenHash(kept));
  if (kept !== undefined && state.isLive) return { token: kept, created: false, path };
  if (state.hasAdmin) return { token: undefined, created: false, path };
  // The file first: a token that is in the database alone is lost with a crash, and no other would be made.
  // One that was revoked stays so, and another takes its place.
  const usable = state.known ? undefined : kept;
  const token = usable ?? newTokenText(deps.random);
  if (usable === undefined) writePrivateFile(path, `${token}\n`);
  const row = adminRow(deps, token);
  const inserted = await database.withTransaction((client) => insertToken(client, row));
  const isOurs = inserted !== undefined;
  return { token: isOurs ? token : undefined, created: isOurs, path };
}

function adminRow({ newId }: AdminTokenDeps, token: string): NewToken {
  return {
    id: newId(),
    name: NAME,
    hash: tokenHash(token),
    scopes: ["admin"],
    createdBy: "first start",
    lifeMs: null,
  };
}

function readToken(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch (error) {
    if (failureCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
