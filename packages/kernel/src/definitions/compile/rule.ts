import type { RuleDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import { type Callees, readCallee } from "./calls/callee.ts";
import { readWith } from "./calls/input.ts";
import { readExpression } from "./fields/expressions.ts";
import type { Fields } from "./fields/fields.ts";
import { checkEventType } from "./fields/names.ts";
import { visibleEvent } from "./fields/visible.ts";
import type { SensorEvents } from "./sensor.ts";

export const RULE_KEYS = ["rule", "description", "on", "if", "run", "with", "enabled"];

export interface RuleContext {
  readonly packDigest: string;
  readonly callees: Callees;
  /** What sensors of the pack send. */
  readonly events: SensorEvents;
  readonly reportSlip: Report;
}

/** The definition where all of it could be read; what could not is reported. */
export function readRule(
  ref: string,
  fields: Fields,
  context: RuleContext,
  report: Report,
): RuleDefinition | undefined {
  const on = readType(fields, report);
  const visible = visibleEvent(context.events.get(on ?? "")?.schema);
  if (on !== undefined) checkEventType(on, fields.get("on")?.place ?? fields.place, report);
  const conditionNode = fields.get("if");
  const condition = conditionNode && readExpression(conditionNode, "if", "bool", visible, report);
  const callee = readCallee(fields, "run", context.callees, report);
  const input = readWith(fields, callee, visible, report, context.reportSlip);
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

function readType(fields: Fields, report: Report): string | undefined {
  const node = fields.get("on");
  if (node?.kind !== "list") return fields.requiredText("on");
  const hint = "write a rule for each, or the beginning that they share and .*";
  report(node.place, "on must be one type of event, not a list", hint);
  return undefined;
}
