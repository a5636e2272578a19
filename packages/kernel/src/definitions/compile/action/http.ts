import { compileValidator, type JsonSchema, type Validator } from "../../../schema/index.ts";
import type { HttpSpec } from "../../definition.ts";
import { type DocumentNode, jsonOf } from "../../document.ts";
import {
  BODIES,
  bodyFlaw,
  HTTP_FIELDS,
  HTTP_REQUEST,
  HTTP_RESPONSE_FIELDS,
} from "../../http-request.ts";
import type { Report } from "../../problem.ts";
import type { Fields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";
import { readRequest } from "./request.ts";

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
  const flaw = bodyFlaw(shapeOf(given, fields));
  const last = BODIES.findLast((key) => fields.has(key));
  if (flaw !== undefined) report(last === undefined ? fields.place : fields.keyPlace(last), flaw);
  const parts = { parts: HTTP_FIELDS, whole: HTTP_REQUEST };
  const request = readRequest(parts, fields, visible, report, reportSlip);
  return request && { kind: "http", request };
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

/** What is known at load of method and body. A method that is an expression may become any. */
function shapeOf(given: readonly string[], fields: Fields): { readonly [key: string]: unknown } {
  const values = given.map((key) => [key, jsonOf(fields.get(key) as DocumentNode)] as const);
  const shape: { [key: string]: unknown } = Object.fromEntries(values);
  if (String(shape["method"]).includes("${{")) shape["method"] = "POST";
  return shape;
}
