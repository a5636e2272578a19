import { type CheckedTemplate, misfitsOf } from "../../../expressions/index.ts";
import { compileValidator, type JsonSchema, type Validator } from "../../../schema/index.ts";
import { type DocumentNode, jsonOf, type MapEntry, type MapNode, placeAt } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { placeInside, readTemplate } from "../fields/expressions.ts";
import type { Fields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";

/** What an action asks somebody for, part by part: each is a key of its file, with the schema of what it gives. */
export interface RequestParts {
  readonly parts: { readonly [key: string]: JsonSchema };
  readonly whole: Validator;
}

/** The request that an action makes of its input; undefined where a part is wrong. What can be known at load is checked. */
export function readRequest(
  { parts, whole }: RequestParts,
  fields: Fields,
  visible: Visible,
  report: Report,
  reportSlip: Report,
): CheckedTemplate | undefined {
  const given = Object.keys(parts).filter(fields.has);
  const wrong = given.filter((key) => !checkConstant(key, parts, fields, visible, report));
  const node = requestNode(given, fields);
  const request = readTemplate(node, visible, report);
  if (request === undefined) return undefined;
  // What has no expression at all has been checked by its keys.
  for (const misfit of request.constant ? [] : misfitsOf(request.gives, whole.schema)) {
    const path = misfit.path.join(".");
    if (wrong.includes(String(misfit.path[0]))) continue;
    reportSlip(placeInside(node, misfit), `${path}: ${misfit.message}`, misfit.hint);
  }
  return wrong.length > 0 ? undefined : request;
}

function requestNode(given: readonly string[], fields: Fields): MapNode {
  const entries = new Map<string, MapEntry>();
  for (const key of given)
    entries.set(key, { keyPlace: fields.keyPlace(key), value: fields.get(key) as DocumentNode });
  return { kind: "map", entries, place: fields.place };
}

/** Without expressions inside, a value is known now. */
function checkConstant(
  key: string,
  parts: RequestParts["parts"],
  fields: Fields,
  visible: Visible,
  report: Report,
): boolean {
  const node = fields.get(key) as DocumentNode;
  const template = readTemplate(node, visible, () => undefined);
  if (template?.constant !== true) return true;
  const checked = compileValidator(parts[key] ?? true).validate(jsonOf(node));
  if (checked.ok) return true;
  for (const { path, message, hint } of checked.errors) {
    const inside = path.split("/").slice(1);
    report(placeAt(node, inside), `${[key, ...inside].join(".")}: ${message}`, hint);
  }
  return false;
}
