import { join } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import { findDataFolder, findServer } from "./find-server.ts";
import type { Io } from "./io.ts";

type Surroundings = Pick<Io, "env" | "cwd">;

/** A 401 in the words of a shell: the API speaks of a header, but who sits here gave a variable or a file. */
export async function inShellWords(cause: AppError, io: Surroundings): Promise<AppError> {
  if (cause.code !== "unauthorized") return cause;
  try {
    return new AppError("unauthorized", await sentenceOf(io), { cause });
  } catch {
    // The server's folder went away meanwhile: then the API's own words are all there is.
    return cause;
  }
}

async function sentenceOf(io: Surroundings): Promise<string> {
  const { url, token } = await findServer(io);
  if (token === undefined) return `${url} wants a token, and this shell gives none. ${WAY_OUT}`;
  const reasons = "it was revoked, has expired, or is another server's";
  const file = await ownTokenFile(io);
  if (!io.env["YARD_TOKEN"])
    return `${url} does not take the token in ${file}: ${reasons}. ${WAY_OUT_OF_FILE}`;
  const wayOut =
    file === undefined ? WAY_OUT : `Correct it, or unset it: then yard takes the token in ${file}.`;
  return `${url} does not take the token in YARD_TOKEN: ${reasons}. ${wayOut}`;
}

const WAY_OUT =
  "Set YARD_TOKEN to one of its tokens: the first is in the file admin-token of its data folder, `yard tokens create` there makes more.";

const WAY_OUT_OF_FILE =
  "Set YARD_TOKEN to another of its tokens, or start it once with YARD_ADMIN_TOKEN, which then takes that one's place.";

/** Where the token is that would be taken without YARD_TOKEN; undefined where there is none for this server. */
async function ownTokenFile({ env, cwd }: Surroundings): Promise<string | undefined> {
  const { token } = await findServer({ env: { ...env, YARD_TOKEN: undefined }, cwd });
  const folder = await findDataFolder(env["YARD_DATA"], cwd);
  return token === undefined || folder === undefined ? undefined : join(folder, "admin-token");
}
