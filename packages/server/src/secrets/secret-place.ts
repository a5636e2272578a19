import { readFile } from "node:fs/promises";
import type { SecretPlace } from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import type { ReadSecrets } from "../runners/index.ts";

/** The text at a place that a pack names; undefined where nothing is set, and of a stored one why it is not given. */
export type ReadSecretPlace = (
  place: SecretPlace,
  pack: string,
) => Promise<string | undefined | WorkError>;

/**
 * Reads a secret that a pack names: from the store, the environment or a file (one newline at its end is not part of
 * it). Where nothing is set, a source refuses everything and an agent is not asked.
 */
export function readSecretPlace(
  environment: Readonly<Record<string, string | undefined>>,
  readSecrets: ReadSecrets,
): ReadSecretPlace {
  return async (place, pack) => {
    if ("env" in place) return environment[place.env];
    if ("secret" in place) {
      const read = await readSecrets([place.secret], { pack });
      return "error" in read ? read.error : read.values[place.secret];
    }
    try {
      return (await readFile(place.file, "utf8")).replace(/\r?\n$/, "");
    } catch {
      return undefined;
    }
  };
}
