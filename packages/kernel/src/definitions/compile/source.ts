import { type SecretPlace, SOURCE_KINDS, type SourceDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import { type Fields, readFields } from "./fields/fields.ts";

export const SOURCE_KEYS = ["source", "description", "kind", "secret"];
export const SECRET_KEYS = ["env", "file"];

const SECRET_HINT = "write secret: { env: NAME } or secret: { file: PATH }";

export function readSource(
  name: string,
  fields: Fields,
  report: Report,
): SourceDefinition | undefined {
  if (!fields.has("kind")) report(fields.place, 'a source needs "kind"');
  const kind = fields.word("kind", SOURCE_KINDS);
  const secret = readSecret(fields, report);
  const description = fields.text("description");
  if (kind === undefined || secret === undefined) return undefined;
  return { name, kind, secret, ...(description === undefined ? {} : { description }) };
}

function readSecret(owner: Fields, report: Report): SecretPlace | undefined {
  const node = owner.get("secret");
  if (node === undefined) {
    report(owner.place, 'a source needs "secret"', SECRET_HINT);
    return undefined;
  }
  if (node.kind === "scalar") {
    report(node.place, "a secret is never written into a pack, only where it is kept", SECRET_HINT);
    return undefined;
  }
  const fields = readFields(node, "secret", SECRET_KEYS, report);
  if (fields === undefined) return undefined;
  const env = fields.text("env");
  const file = fields.text("file");
  if (fields.has("env") === fields.has("file")) {
    report(node.place, "a secret is kept in one place: env or file", SECRET_HINT);
    return undefined;
  }
  if (env !== undefined) return { env };
  return file === undefined ? undefined : { file };
}
