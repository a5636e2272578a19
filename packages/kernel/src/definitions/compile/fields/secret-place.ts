import type { SecretPlace } from "../../pack.ts";
import type { Report } from "../../problem.ts";
import { type Fields, readFields } from "./fields.ts";

export const SECRET_KEYS = ["env", "file"];

export function secretHint(key: string): string {
  return `write ${key}: { env: NAME } or ${key}: { file: PATH }`;
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
  if (fields.has("env") === fields.has("file")) {
    report(node.place, "a secret is kept in one place: env or file", secretHint(key));
    return undefined;
  }
  if (env !== undefined) return { env };
  return file === undefined ? undefined : { file };
}
