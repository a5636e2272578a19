import { compileValidator } from "../../../schema/index.ts";
import { type DocumentNode, jsonOf, placeAt } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { ASK_INPUT, answerSchema, readQuestion } from "../../question.ts";
import type { Fields } from "../fields/fields.ts";
import { reportAll } from "../fields/schemas.ts";
import type { Callee } from "./callee.ts";

/**
 * `core.ask` as a step calls it: where the schema of the answer is written out, the step's output has the type that it
 * says, and what is written of the question besides is checked against it.
 */
export function asksFor(callee: Callee, fields: Fields, report: Report): Callee {
  const node = fields.get("with");
  const schema = node?.kind === "map" ? node.entries.get("schema")?.value : undefined;
  if (node === undefined || (schema !== undefined && !isKnown(schema))) return callee;
  const answer = answerSchema(schema && jsonOf(schema));
  if (!answer.ok) {
    if (schema?.kind === "map") reportAll(schema, answer.errors, report, "with.schema");
    return { ...callee, output: true };
  }
  reportFlaw(node, report);
  const { action } = callee;
  if (schema === undefined || action === undefined) return callee;
  const output = compileValidator(answer.schema);
  return { ...callee, output: answer.schema, action: { ...action, output } };
}

/** What of the question is written out is a question by itself: what is not, is left out of it. */
function reportFlaw(node: DocumentNode, report: Report): void {
  if (node.kind !== "map") return;
  const known = Object.fromEntries(
    [...node.entries].flatMap(([name, { value }]) =>
      isKnown(value) ? [[name, jsonOf(value)]] : [],
    ),
  );
  const asked = { prompt: "?", ...known };
  if (!compileValidator(ASK_INPUT).validate(asked).ok) return;
  // A timeout that is an expression is a timeout.
  const timed = node.entries.has("timeout") ? { timeout: "1h", ...asked } : asked;
  const read = readQuestion(timed);
  if (read.ok) return;
  const { path, message, hint } = read.flaw;
  report(placeAt(node, path), `with.${message}`, hint);
}

/** Whether there is no expression in it. */
function isKnown(node: DocumentNode): boolean {
  if (node.kind === "list") return node.items.every(isKnown);
  if (node.kind === "map") return [...node.entries.values()].every(({ value }) => isKnown(value));
  return typeof node.value !== "string" || !node.value.includes("${{");
}
