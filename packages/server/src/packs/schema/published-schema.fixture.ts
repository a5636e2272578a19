import {
  compileValidator,
  createProblemList,
  definitionSchema,
  jsonOf,
  SCHEMA_KINDS,
  type SchemaKind,
  type Validator,
} from "@yardmaster/kernel";
import { isJsonObject, type Json } from "@yardmaster/protocol";
import { isDefinitionFile } from "../compile/compile-files.ts";
import { parseYaml } from "../yaml/yaml-document.ts";

const validators = new Map<SchemaKind, Validator>();

/** What the published schema says against a definition file, a line each. Empty for files of other kinds. */
export function schemaErrors(path: string, text: string): string[] {
  const kind = kindOf(path);
  if (kind === undefined) return [];
  const root = parseYaml(path, Buffer.from(text), createProblemList().report);
  if (root === undefined) return [`${path}: cannot be read`];
  const validator =
    validators.get(kind) ?? compileValidator(withoutDefaults(definitionSchema(kind)));
  validators.set(kind, validator);
  const checked = validator.validate(jsonOf(root));
  return checked.ok ? [] : checked.errors.map((error) => `${path}${error.path}: ${error.message}`);
}

function kindOf(path: string): SchemaKind | undefined {
  if (!isDefinitionFile(path)) return undefined;
  return SCHEMA_KINDS.find((kind) => path === `${kind}.yaml` || path.startsWith(`${kind}s/`));
}

/** An editor only shows defaults; our validator fills them in, and they are not for every file. */
function withoutDefaults<T extends Json>(schema: T, isProperties = false): T {
  if (Array.isArray(schema)) return schema.map((part) => withoutDefaults(part)) as Json as T;
  if (!isJsonObject(schema)) return schema;
  const parts = Object.entries(schema).filter(([name]) => isProperties || name !== "default");
  return Object.fromEntries(
    parts.map(([name, part]) => [
      name,
      withoutDefaults(part as Json, !isProperties && name === "properties"),
    ]),
  ) as T;
}
