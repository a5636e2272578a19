import { readFile } from "node:fs/promises";
import type { SecretPlace } from "@yardmaster/kernel";

/**
 * Reads the secret of a pack's source from the environment or a file (one newline at its end is not part of it).
 * Undefined where nothing is set: the source then refuses everything.
 */
export function readPackSecret(
  environment: Readonly<Record<string, string | undefined>>,
): (place: SecretPlace) => Promise<string | undefined> {
  return async (place) => {
    if ("env" in place) return environment[place.env];
    try {
      return (await readFile(place.file, "utf8")).replace(/\r?\n$/, "");
    } catch {
      return undefined;
    }
  };
}
