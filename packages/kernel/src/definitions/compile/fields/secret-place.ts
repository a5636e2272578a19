import { SECRET_NAME } from "@yardmaster/protocol";
import type { Place } from "../../document.ts";
import type { SecretPlace } from "../../pack.ts";
import type { Report } from "../../problem.ts";
import { type Fields, readFields } from "./fields.ts";

export const SECRET_KEYS = ["secret", "env", "file"];

const NAME_HINT = "at most 63 of a-z, 0-9, _ and -, beginning with a letter";

export function secretHint(key: string): string {
  return `write ${key}: { secret: NAME }, ${key}: { env: NAME } or ${key}: { file: PATH }`;
}

/** Where the secret under `key` is kept; the secret itself never stands in a pack. */
export function readSecretPlace(
  owner: Fields,
  key: string,
  report: Report,
): SecretPlace | undefined {
  const node = owner.get(key);
  if (node === undefined) return undefined;
  if (node.kind === "scalar") {
    const message = "a secret is never written into a pack, only where it is kept";
    report(node.place, message, secretHint(key));
    return undefined;
  }
  const fields = readFields(node, key, SECRET_KEYS, report);
  if (fields === undefined) return undefined;
  const env = fields.text("env");
  const file = fields.text("file");
  const secret = fields.text("secret");
  if (SECRET_KEYS.filter(fields.has).length !== 1) {
    report(node.place, "a secret is kept in one place: secret, env or file", secretHint(key));
    return undefined;
  }
  if (env !== undefined) return { env };
  if (file !== undefined) return { file };
  if (secret === undefined) return undefined;
  const place = fields.get("secret")?.place ?? fields.place;
  return checkSecretName(secret, place, report) ? { secret } : undefined;
}

export function checkSecretName(name: string, place: Place, report: Report): boolean {
  if (SECRET_NAME.test(name)) return true;
  // What somebody wrote there may be the secret itself: it is not repeated.
  report(place, "this is not the name of a secret", NAME_HINT);
  return false;
}
