import { isJsonObject } from "@yardmaster/protocol";
import type { TypeMisfit } from "./type-misfit.ts";
import { isNumber, type Type, withoutNull } from "./values/cel-type.ts";

const MAX_SOURCE = 40;

/** How to write an expression so that it gives what is wanted. */
export function wayOut({ wanted }: TypeMisfit, source: string, given: Type): string | undefined {
  const type = withoutNull(given);
  if (!isJsonObject(wanted) || source.length > MAX_SOURCE) return undefined;
  switch (wanted["type"]) {
    case "string":
      return ofText(wanted["format"], source, type);
    case "integer":
      return type.kind === "string" ? asExpression(`int(${source})`) : undefined;
    case "number":
      return type.kind === "string" ? asExpression(`double(${source})`) : undefined;
    case "boolean":
      return type.kind === "string" ? asExpression(`${source} == "true"`) : undefined;
    case "array":
      return type.kind === "list" ? undefined : asExpression(`[${source}]`);
    default:
      return undefined;
  }
}

function ofText(format: unknown, source: string, type: Type): string | undefined {
  if (format === "duration" && isNumber(type)) return `give it a unit: "\${{ ${source} }}s"`;
  if (format !== undefined || !(isNumber(type) || type.kind === "bool")) return undefined;
  return asExpression(`string(${source})`);
}

function asExpression(source: string): string {
  return `write "\${{ ${source} }}"`;
}
