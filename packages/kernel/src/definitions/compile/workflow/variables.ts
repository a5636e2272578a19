import type { Template } from "../../../expressions/index.ts";
import type { JsonSchema } from "../../../schema/index.ts";
import { type DocumentNode, jsonOf, type Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { readTemplate } from "../fields/expressions.ts";
import type { Fields } from "../fields/fields.ts";
import { checkVariable } from "../fields/names.ts";
import { kindOf } from "../fields/read-value.ts";
import type { Visible } from "../fields/visible.ts";
import type { PlannedStep } from "./order.ts";

/** The variables of a workflow: what is there from the start, and who saves what. */
export interface Variables {
  readonly template?: Template;
  /** Schemas of those that are there from the start. */
  readonly initial: ReadonlyMap<string, JsonSchema>;
  /** Ids of the steps that save each. */
  readonly savers: ReadonlyMap<string, readonly string[]>;
}

/** `vars:` and every `save_as` of the workflow. */
export function readVariables(
  fields: Fields,
  steps: readonly PlannedStep[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
  visible: Visible,
  report: Report,
): Variables {
  const node = fields.get("vars");
  const initial = node === undefined ? new Map() : initialSchemas(node, report);
  const template = node?.kind === "map" ? readTemplate(node, visible, report) : undefined;
  const savers = new Map<string, string[]>();
  for (const step of steps) {
    const name = step.fields.text("save_as");
    if (name === undefined) continue;
    const place = step.fields.get("save_as")?.place ?? step.place;
    checkVariable(name, place, report);
    refuseRace(name, step.id, savers.get(name) ?? [], before, place, report);
    savers.set(name, [...(savers.get(name) ?? []), step.id]);
  }
  return { ...(template === undefined ? {} : { template }), initial, savers };
}

/** Which of two steps saves last would be chance, were none of them before the other. */
function refuseRace(
  name: string,
  id: string,
  others: readonly string[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
  place: Place,
  report: Report,
): void {
  const other = others.find(
    (earlier) => !before.get(id)?.has(earlier) && !before.get(earlier)?.has(id),
  );
  if (other === undefined) return;
  const message = `the steps "${other}" and "${id}" both save ${name}, and none is before the other`;
  report(place, message, "give them two names, or let one need the other");
}

function initialSchemas(node: DocumentNode, report: Report): Map<string, JsonSchema> {
  const schemas = new Map<string, JsonSchema>();
  if (node.kind !== "map") {
    report(node.place, `vars must be a map, not ${kindOf(node)}`);
    return schemas;
  }
  for (const [name, { keyPlace, value }] of node.entries) {
    checkVariable(name, keyPlace, report);
    schemas.set(name, schemaOf(value));
  }
  return schemas;
}

/** What is plainly a text, a number or a truth value stays one; of all else nothing is known. */
function schemaOf(node: DocumentNode): JsonSchema {
  const value = jsonOf(node);
  switch (typeof value) {
    case "string":
      return value.includes("${{") ? true : { type: "string" };
    case "number":
      return { type: Number.isInteger(value) ? "integer" : "number" };
    case "boolean":
      return { type: "boolean" };
    default:
      return true;
  }
}

/**
 * What expressions see under `vars` where the steps `saved` are done. With more than one giver of a variable its type
 * cannot be told.
 */
export function variableSchemas(
  { initial, savers }: Variables,
  saved: (step: string) => JsonSchema | undefined,
): { readonly [name: string]: JsonSchema } {
  const seen: { [name: string]: JsonSchema } = Object.fromEntries(initial);
  for (const [name, steps] of savers) {
    const known = steps.map(saved).filter((schema) => schema !== undefined);
    const isOnly = steps.length === 1 && !initial.has(name);
    if (known.length > 0) seen[name] = isOnly ? (known[0] as JsonSchema) : true;
    else if (initial.has(name)) seen[name] = true;
  }
  return seen;
}
