import { SOURCE_KINDS, type SourceDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import type { Fields } from "./fields/fields.ts";
import { readSecretPlace, secretHint } from "./fields/secret-place.ts";

export const SOURCE_KEYS = ["source", "description", "kind", "secret"];

export function readSource(
  name: string,
  fields: Fields,
  report: Report,
): SourceDefinition | undefined {
  if (!fields.has("kind")) report(fields.place, 'a source needs "kind"');
  const kind = fields.word("kind", SOURCE_KINDS);
  const secret = readSecretPlace(fields, "secret", report);
  if (!fields.has("secret")) report(fields.place, 'a source needs "secret"', secretHint("secret"));
  const description = fields.text("description");
  if (kind === undefined || secret === undefined) return undefined;
  return { name, kind, secret, ...(description === undefined ? {} : { description }) };
}
