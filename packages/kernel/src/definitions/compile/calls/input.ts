import { isJsonObject } from "@yardmaster/protocol";
import { type CheckedTemplate, misfitsOf, type Template } from "../../../expressions/index.ts";
import { fitsPatternProperty } from "../../../schema/index.ts";
import { type DocumentNode, jsonOf, type MapEntry, type Place, placeAt } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { didYouMeanOrAll } from "../fields/did-you-mean.ts";
import { placeInside, readTemplate } from "../fields/expressions.ts";
import type { Fields } from "../fields/fields.ts";
import { kindOf } from "../fields/read-value.ts";
import type { Visible } from "../fields/visible.ts";
import type { Callee } from "./callee.ts";

const NO_INPUT: CheckedTemplate = {
  constant: true,
  gives: { kind: "value", value: {} },
  render: () => ({ ok: true, value: {} }),
};

/**
 * The `with` of a step or rule; the callee is undefined where there is none of its name. What can be known at load is
 * checked against the callee's input: everything where no expression is in it, else the names of the fields and the
 * types of the expressions; the latter are slips.
 */
export function readWith(
  fields: Fields,
  callee: Callee | undefined,
  visible: Visible,
  report: Report,
  reportSlip: Report,
): Template | undefined {
  const node = fields.get("with");
  const owner = fields.place;
  if (node !== undefined && !isMapOrExpression(node)) {
    const hint = "write with: { NAME: value }";
    report(node.place, `with must be a map, not ${kindOf(node)}`, hint);
    return undefined;
  }
  const template = node === undefined ? NO_INPUT : readTemplate(node, visible, report);
  if (callee?.input === undefined) return template;
  const wrong = checkNames(node, fields, callee, report);
  if (template === undefined) return undefined;
  if (node !== undefined && !template.constant)
    checkTypes(node, template, callee, wrong, reportSlip);
  const isFine = !template.constant || checkConstant(node, owner, callee, wrong, report);
  return isFine && wrong.size === 0 ? template : undefined;
}

function isMapOrExpression(node: DocumentNode): boolean {
  if (node.kind === "map") return true;
  return node.kind === "scalar" && typeof node.value === "string" && /^\$\{\{/.test(node.value);
}

function checkConstant(
  node: DocumentNode | undefined,
  owner: Place,
  callee: Callee,
  reported: ReadonlySet<string>,
  report: Report,
): boolean {
  const checked = callee.input?.validate(node === undefined ? {} : jsonOf(node));
  if (checked === undefined || checked.ok) return true;
  for (const error of checked.errors) {
    const path = error.path.split("/").slice(1).map(unescapePointer);
    if (reported.has(path[0] ?? "")) continue;
    const place = node === undefined ? owner : placeAt(node, path);
    report(place, misfitMessage(path.join("."), callee, error.message), error.hint);
  }
  return false;
}

function checkTypes(
  node: DocumentNode,
  template: CheckedTemplate,
  callee: Callee,
  reported: ReadonlySet<string>,
  reportSlip: Report,
): void {
  for (const misfit of misfitsOf(template.gives, callee.input?.schema ?? true)) {
    if (reported.has(String(misfit.path[0]))) continue;
    const message = misfitMessage(misfit.path.join("."), callee, misfit.message);
    reportSlip(placeInside(node, misfit), message, misfit.hint);
  }
}

/** With expressions inside, values are known only in a run, but names are known now. Gives the wrong names. */
function checkNames(
  node: DocumentNode | undefined,
  { place: owner, has }: Fields,
  callee: Callee,
  report: Report,
): ReadonlySet<string> {
  const schema = callee.input?.schema;
  const wrong = new Set<string>();
  // A `with` that is one expression as a whole has names that only the run knows.
  if (node?.kind === "scalar" || !isJsonObject(schema)) return wrong;
  const entries = node?.kind === "map" ? node.entries : new Map<string, MapEntry>();
  const declared = isJsonObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  for (const [name, entry] of schema["additionalProperties"] === false ? entries : []) {
    if (declared.includes(name) || fitsPatternProperty(schema, name)) continue;
    wrong.add(name);
    const message = misfitMessage(name, callee, "there is no such input");
    const isOfStep = has("uses") && STEP_KEYS.has(name);
    const hint = isOfStep
      ? `${name} is a key of the step: write it beside with`
      : (foreignHint(name, declared) ?? didYouMeanOrAll(name, declared));
    report(entry.keyPlace, message, hint);
  }
  for (const name of required.filter((name) => !entries.has(name))) {
    wrong.add(name);
    report(node?.place ?? owner, misfitMessage(name, callee, "it is required"));
  }
  return wrong;
}

/** What a step says of its call, which is easily written into the call's input. */
const STEP_KEYS: ReadonlySet<string> = new Set([
  "timeout",
  "retry",
  "queue",
  "priority",
  "files",
  "on_error",
  "undo",
  "save_as",
  "idempotency_key",
]);

/** What clients of HTTP elsewhere call the parts of a request. */
const FOREIGN: { readonly [name: string]: string } = {
  params: "query",
  data: "json",
  payload: "json",
  content: "body",
};

function foreignHint(name: string, declared: readonly string[]): string | undefined {
  const here = Object.hasOwn(FOREIGN, name) ? FOREIGN[name] : undefined;
  return here !== undefined && declared.includes(here) ? `did you mean "${here}"?` : undefined;
}

function misfitMessage(path: string, callee: Callee, message: string): string {
  return `with${path === "" ? "" : `.${path}`} does not fit ${callee.ref}: ${message}`;
}

function unescapePointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
