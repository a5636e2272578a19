import type { WorkflowDefinition } from "../definition.ts";
import type { RuleDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import { readExpression } from "./expressions.ts";
import { didYouMeanRef, type Fields } from "./fields.ts";
import { type Callee, readWith } from "./input.ts";
import { checkEventType } from "./names.ts";
import type { Actions } from "./uses.ts";
import { visibleEvent } from "./visible.ts";

export const RULE_KEYS = ["rule", "description", "on", "if", "run", "with", "enabled"];

export interface RuleContext {
  readonly packDigest: string;
  readonly actions: Actions;
  /** As with actions, a broken one is there as undefined. */
  readonly workflows: ReadonlyMap<string, WorkflowDefinition | undefined>;
}

/** The definition where all of it could be read; what could not is reported. */
export function readRule(
  ref: string,
  fields: Fields,
  context: RuleContext,
  report: Report,
): RuleDefinition | undefined {
  const visible = visibleEvent();
  const on = fields.requiredText("on");
  if (on !== undefined) checkEventType(on, fields.get("on")?.place ?? fields.place, report);
  const conditionNode = fields.get("if");
  const condition = conditionNode && readExpression(conditionNode, "if", "bool", visible, report);
  const callee = readRun(fields, context, report);
  const input = readWith(fields.get("with"), fields.place, callee ?? { ref: "" }, visible, report);
  const enabled = fields.flag("enabled") ?? true;
  const description = fields.text("description");
  if (on === undefined || callee === undefined || input === undefined) return undefined;
  return {
    ref,
    on,
    ...(condition === undefined ? {} : { condition }),
    run: callee.ref,
    ...(fields.has("with") ? { with: input } : {}),
    enabled,
    packDigest: context.packDigest,
    ...(description === undefined ? {} : { description }),
  };
}

function readRun(fields: Fields, context: RuleContext, report: Report): Callee | undefined {
  const ref = fields.requiredText("run");
  if (ref === undefined) return undefined;
  const input = context.workflows.get(ref)?.input ?? context.actions.get(ref)?.input;
  if (input !== undefined) return { ref, input };
  const known = [...context.workflows.keys(), ...context.actions.keys()];
  if (!known.includes(ref)) {
    const hint =
      didYouMeanRef(ref, known) ?? "a rule runs workflows and actions of its own pack, and core's";
    const place = fields.get("run")?.place ?? fields.place;
    report(place, `there is no workflow or action "${ref}"`, hint);
  }
  return undefined;
}
