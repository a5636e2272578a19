import type { WorkError } from "@yardmaster/protocol";
import type { Sealer } from "../sealing/index.ts";
import type { ReadSecretPlace } from "../secrets/index.ts";
import { type Answer, failed } from "./forge/index.ts";
import type { TrackerRow } from "./trackers.store.ts";

export interface TokenDeps {
  readonly readSecret: ReadSecretPlace;
  /** Undefined where this process has no master key. */
  readonly sealer: () => Pick<Sealer, "open"> | undefined;
}

/** For the list of packs that may use a secret. Trackers speak for the server itself, as its own actions do. */
const ASKING_PACK = "core";

/** Where a token of a tracker is sealed for. */
export function tokenPlace(trackerId: string): string {
  return `tracker_token:${trackerId}`;
}

/** The token of a tracker, or why it is not to be had. */
export async function readToken(
  { id, name, token }: Pick<TrackerRow, "id" | "name" | "token">,
  { readSecret, sealer }: TokenDeps,
): Promise<Answer<string>> {
  if ("sealed" in token) {
    const value = sealer()?.open(token.sealed, tokenPlace(id));
    if (value !== undefined) return { ok: true, value };
    return failed(
      "auth",
      `the token of ${name} does not open with the master key of this process; start with that key, or set the token again: yard trackers change ${name} --token-file PATH`,
    );
  }
  const found = await readSecret(token, ASKING_PACK);
  if (typeof found === "string" && found.trim() !== "") return { ok: true, value: found.trim() };
  const why = isFlaw(found) ? found.message : `nothing is set at ${placeOf(token)}`;
  return failed("auth", why);
}

function isFlaw(found: string | undefined | WorkError): found is WorkError {
  return typeof found === "object";
}

/** As the API shows it: `env:NAME`. */
export function placeOf(token: TrackerRow["token"]): string {
  if ("sealed" in token) return "sealed";
  return Object.entries(token)[0]?.join(":") ?? "";
}
