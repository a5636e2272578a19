import {
  type CheckedTemplate,
  type Compiled,
  type CompileError,
  compileExpression,
  compileTemplate,
  type Expectation,
  type Expression,
} from "../../../expressions/index.ts";
import { type DocumentNode, jsonOf, nodeAt, type Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { kindOf } from "./read-value.ts";
import { mentionsOf, type Visible } from "./visible.ts";

/** A bare expression (`if`, `for_each`), checked against what is visible at its place. */
export function readExpression(
  node: DocumentNode,
  key: string,
  expected: Expectation,
  visible: Visible,
  report: Report,
): Expression | undefined {
  const source = expressionText(node, key, report);
  if (source === undefined) return undefined;
  const compiled = compileExpression(source, visible.types, expected);
  if (compiled.ok) return compiled.value;
  const anyStep = visible.anyStep && compileExpression(source, visible.anyStep, expected);
  reportErrors(node, compiled, anyStep, visible, report);
  return undefined;
}

/** A value with `${{ }}` in its strings, checked. */
export function readTemplate(
  node: DocumentNode,
  visible: Visible,
  report: Report,
): CheckedTemplate | undefined {
  const value = jsonOf(node);
  const compiled = compileTemplate(value, visible.types);
  if (compiled.ok) return compiled.value;
  const anyStep = visible.anyStep && compileTemplate(value, visible.anyStep);
  reportErrors(node, compiled, anyStep, visible, report);
  return undefined;
}

function expressionText(node: DocumentNode, key: string, report: Report): string | undefined {
  if (node.kind !== "scalar") {
    report(node.place, `${key} must be an expression, not ${kindOf(node)}`, "put it in quotes");
    return undefined;
  }
  if (typeof node.value === "boolean") return String(node.value);
  if (node.value === null || node.value === "") {
    report(node.place, `${key} is empty`, "write an expression, or leave the key out");
    return undefined;
  }
  if (typeof node.value !== "string") {
    report(node.place, `${key} must be an expression, not ${kindOf(node)}`);
    return undefined;
  }
  if (node.cutByComment) {
    const hint = `quote the expression, or put the comment on a line of its own`;
    report(node.place, `${key} is cut at "#": what follows is a comment`, hint);
    return undefined;
  }
  return node.value;
}

/**
 * What only fails for a step that is not visible yet is told as that. What fails with every step visible as well
 * is told as it is; a mention of a later step is then told beside it.
 */
function reportErrors(
  root: DocumentNode,
  compiled: Compiled<unknown>,
  anyStep: Compiled<unknown> | undefined,
  visible: Visible,
  report: Report,
): void {
  if (compiled.ok) return;
  const remaining = anyStep === undefined ? compiled.errors : anyStep.ok ? [] : anyStep.errors;
  for (const error of remaining) reportError(root, error, report);
  const mentions = anyStep === undefined ? [] : mentionsOf(root, visible.hidden);
  for (const { path, place } of mentions) {
    const step = visible.hidden.get(path) ?? "";
    if (step === visible.own?.id) {
      reportOwn(path, visible.own, place, report);
      continue;
    }
    const isStep = path.startsWith("steps.");
    const what = isStep ? `step "${step}"` : `${path} is saved by step "${step}", which`;
    const wayOut =
      visible.comesAfter?.(step) === true
        ? `"${step}" waits for this one: use it there, or in a step behind it`
        : `add "${step}" to its needs`;
    report(place, `${what} is not before this step`, wayOut);
  }
  if (remaining.length === 0 && mentions.length === 0)
    for (const error of compiled.errors) reportError(root, error, report);
}

/** A step that needed itself would be no way out. */
function reportOwn(
  path: string,
  { id, sees }: NonNullable<Visible["own"]>,
  place: Place,
  report: Report,
): void {
  const message = path.startsWith("steps.")
    ? `step "${id}" is this step itself, which is not before it`
    : `${path} is saved by this step itself`;
  report(place, message, sees && `what it gave is ${sees} here`);
}

function reportError(root: DocumentNode, error: CompileError, report: Report): void {
  report(placeInside(root, error), error.message, error.hint);
}

export function placeInside(
  root: DocumentNode,
  error: Pick<CompileError, "path" | "offset">,
): Place {
  const node = nodeAt(root, error.path);
  return node.kind === "scalar" ? node.inside(error.offset) : node.place;
}
