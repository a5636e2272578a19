import { SECRET_NAME } from "@yardmaster/protocol";
import type { JsonSchema, Validator } from "../../../schema/index.ts";
import type { Report } from "../../problem.ts";
import type { Fields } from "../fields/fields.ts";
import { checkSecretName } from "../fields/secret-place.ts";
import { record, type Visible } from "../fields/visible.ts";

/** What an action may name at most. */
export const MAX_SECRETS = 32;

/** Why `secrets` is no key of an action that has another runner. */
export const NO_SECRETS_HINT =
  "an agent never sees secrets: the key of its provider is in its profile, and what else it needs is done by a step of its own";

/** The secrets that attempts of the action are given; undefined where it names none. */
export function readSecrets(fields: Fields, report: Report): readonly string[] | undefined {
  const node = fields.get("secrets");
  const names = fields.texts("secrets");
  if (node?.kind !== "list" || names === undefined || names.length === 0) return undefined;
  if (names.length > MAX_SECRETS)
    report(
      node.place,
      `an action is given ${MAX_SECRETS} secrets at most, not ${names.length}`,
      "keep values that belong together in one secret, as JSON",
    );
  for (const [at, name] of names.entries()) {
    const place = node.items[at]?.place ?? node.place;
    if (checkSecretName(name, place, report) && names.indexOf(name) < at)
      report(place, `the secret "${name}" is named twice`);
  }
  return names.filter((name) => SECRET_NAME.test(name));
}

/** A process is given its secrets beside its input, under a name that no input may have then. */
export function checkRoomForSecrets(
  fields: Fields,
  input: Validator | undefined,
  report: Report,
): void {
  const schema = input?.schema;
  if (schema === undefined) return;
  const key = fields.has("input_schema") ? "input_schema" : "input";
  if (!isMap(schema))
    report(
      fields.keyPlace(key),
      "the secrets of a process come beside its input, which must be a map then",
      "write type: object into input_schema",
    );
  else if (hasField(schema, "secrets"))
    report(
      fields.keyPlace(key),
      'an action with secrets has no input "secrets": its process finds them there',
      "give the input another name",
    );
}

/** The expressions of a request see the secrets too: those that the action names, as texts. */
export function withSecrets(visible: Visible, names: readonly string[] | undefined): Visible {
  if (names === undefined) return visible;
  const secrets = record(Object.fromEntries(names.map((name) => [name, { type: "string" }])));
  return { ...visible, types: { variables: { ...visible.types.variables, secrets } } };
}

function isMap(schema: JsonSchema): boolean {
  return typeof schema === "object" && schema["type"] === "object";
}

function hasField(schema: JsonSchema, name: string): boolean {
  const properties = typeof schema === "object" ? schema["properties"] : undefined;
  return typeof properties === "object" && properties !== null && Object.hasOwn(properties, name);
}
