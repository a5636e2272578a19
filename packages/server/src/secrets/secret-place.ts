import { readFile } from "node:fs/promises";
import type { SecretPlace } from "@yardmaster/kernel";

/**
 * Reads a secret that a pack names, from the environment or a file (one newline at its end is not part of it).
 * Undefined where nothing is set: a source then refuses everything, an agent is not asked.
 */
export function readSecretPlace(
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
