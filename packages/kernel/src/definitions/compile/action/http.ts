import { type CheckedTemplate, misfitsOf } from "../../../expressions/index.ts";
import { compileValidator, type JsonSchema, type Validator } from "../../../schema/index.ts";
import type { HttpSpec } from "../../definition.ts";
import { type DocumentNode, jsonOf, type MapEntry, type MapNode, placeAt } from "../../document.ts";
import {
  BODIES,
  bodyFlaw,
  HTTP_FIELDS,
  HTTP_REQUEST,
  HTTP_RESPONSE_FIELDS,
} from "../../http-request.ts";
import type { Report } from "../../problem.ts";
import { placeInside, readTemplate } from "../fields/expressions.ts";
import type { Fields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";

/** Keys of an action that only `runner: http` has. */
export const HTTP_KEYS: readonly string[] = Object.keys(HTTP_FIELDS);

const STARTS_AS_URL = /^(?:https?:\/\/|\$\{\{)/i;

/** The request that an http action makes of its input. What can be known at load is checked here. */
export function readHttp(
  fields: Fields,
  visible: Visible,
  report: Report,
  reportSlip: Report,
): HttpSpec | undefined {
  const given = HTTP_KEYS.filter((key) => fields.has(key));
  if (!fields.has("url")) report(fields.place, 'an http action needs "url"');
  else checkUrl(fields, report);
  const wrong = given.filter((key) => !checkConstant(key, fields, visible, report));
  const flaw = bodyFlaw(shapeOf(given, fields));
  const last = BODIES.findLast((key) => fields.has(key));
  if (flaw !== undefined) report(last === undefined ? fields.place : fields.keyPlace(last), flaw);
  const node = requestNode(given, fields);
  const request = readTemplate(node, visible, report);
  if (request !== undefined) checkTypes(node, request, wrong, reportSlip);
  return request === undefined || wrong.length > 0 ? undefined : { kind: "http", request };
}

function checkTypes(
  node: DocumentNode,
  request: CheckedTemplate,
  reported: readonly string[],
  reportSlip: Report,
): void {
  // What has no expression at all has been checked by its keys.
  for (const misfit of request.constant ? [] : misfitsOf(request.gives, HTTP_REQUEST.schema)) {
    const path = misfit.path.join(".");
    if (reported.includes(String(misfit.path[0]))) continue;
    reportSlip(placeInside(node, misfit), `${path}: ${misfit.message}`, misfit.hint);
  }
}

function requestNode(given: readonly string[], fields: Fields): MapNode {
  const entries = new Map<string, MapEntry>();
  for (const key of given)
    entries.set(key, { keyPlace: fields.keyPlace(key), value: fields.get(key) as DocumentNode });
  return { kind: "map", entries, place: fields.place };
}

/** The schema of a response, with what the action declares of it. */
export function responseSchema(declared: Validator | undefined): Validator {
  const own = declared?.schema;
  if (typeof own === "object" && own["type"] !== undefined && own["type"] !== "object")
    return declared as Validator; // It will fit no response, and says so.
  const schema: JsonSchema = typeof own === "object" ? own : { type: "object" };
  const properties = { ...HTTP_RESPONSE_FIELDS, ...(schema["properties"] as object | undefined) };
  return compileValidator({ ...schema, properties });
}

function checkUrl(fields: Fields, report: Report): void {
  const url = fields.text("url");
  if (url === undefined || STARTS_AS_URL.test(url)) return;
  const place = fields.get("url")?.place ?? fields.place;
  report(place, "url must begin with http:// or https://", "give the whole address");
}

/** Without expressions inside, a value is known now. */
function checkConstant(key: string, fields: Fields, visible: Visible, report: Report): boolean {
  const node = fields.get(key) as DocumentNode;
  const template = readTemplate(node, visible, () => undefined);
  if (template?.constant !== true) return true;
  const checked = compileValidator(HTTP_FIELDS[key] ?? true).validate(jsonOf(node));
  if (checked.ok) return true;
  for (const { path, message, hint } of checked.errors) {
    const parts = path.split("/").slice(1);
    report(placeAt(node, parts), `${[key, ...parts].join(".")}: ${message}`, hint);
  }
  return false;
}

/** What is known at load of method and body. A method that is an expression may become any. */
function shapeOf(given: readonly string[], fields: Fields): { readonly [key: string]: unknown } {
  const values = given.map((key) => [key, jsonOf(fields.get(key) as DocumentNode)] as const);
  const shape: { [key: string]: unknown } = Object.fromEntries(values);
  if (String(shape["method"]).includes("${{")) shape["method"] = "POST";
  return shape;
}
