import type { Json } from "@yardmaster/protocol";
import type { Template } from "../../../expressions/index.ts";
import type { JsonSchema } from "../../../schema/index.ts";
import {
  type ActionDefinition,
  givesFiles,
  type QueueUse,
  type StepDefinition,
} from "../../definition.ts";
import type { Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { type Callee, type Callees, readCallee } from "../calls/callee.ts";
import { readFileUse } from "../calls/files.ts";
import { readIdempotencyKey } from "../calls/idempotency-key.ts";
import { readWith } from "../calls/input.ts";
import { readOn } from "../calls/on.ts";
import {
  type Queues,
  readPriority,
  readQueueUse,
  readRetry,
  readTimeoutMs,
} from "../calls/policies.ts";
import { asksFor } from "../calls/question.ts";
import { readExpression } from "../fields/expressions.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import { type Visible, withItem, withOutput, withRound } from "../fields/visible.ts";
import { readItems, readRepeat } from "./loops.ts";
import type { PlannedStep } from "./order.ts";

/** What a call of an action says, be it a step's own or that of its `undo`. */
export const CALL_KEYS = [
  "uses",
  "with",
  "files",
  "retry",
  "timeout",
  "queue",
  "priority",
  "on",
  "idempotency_key",
] as const;

export const STEP_KEYS = [
  "id",
  "description",
  ...CALL_KEYS,
  "needs",
  "if",
  "for_each",
  "concurrency",
  "batch",
  "repeat",
  "save_as",
  "on_error",
  "undo",
];

export interface StepContext {
  readonly callees: Callees;
  /** Takes note of what the workflow that is being read calls. */
  readonly noteCall: (ref: string, place: Place) => void;
  readonly queues: Queues;
  readonly reportSlip: Report;
  /** The workflow's, for steps that do not say one. */
  readonly priority?: number;
}

/** The step, and what one success of it gives. */
export interface ReadStep {
  readonly step: StepDefinition | undefined;
  readonly output: JsonSchema;
  readonly hasFiles: boolean;
}

export function readStep(
  planned: PlannedStep,
  context: StepContext,
  visibleBefore: Visible,
  report: Report,
): ReadStep {
  const { fields, id } = planned;
  const visible: Visible = { ...visibleBefore, own: { id } };
  const callee = readUses(fields, context, report);
  const output = callee?.output ?? true;
  // Of a broken action it is not known: what speaks of its files is not to blame.
  const hasFiles = callee?.action === undefined || givesFiles(callee.action);
  const conditionNode = fields.get("if");
  const condition = conditionNode && readExpression(conditionNode, "if", "bool", visible, report);
  const items = readItems(fields, visible, report);
  const inRound = fields.has("repeat") ? withRound(visible, id, output) : visible;
  const inside = items.has ? withItem(inRound, items.item) : inRound;
  const repeat = readRepeat(fields, inRound, report);
  const call = readCall(id, fields, callee, context, inside, report);
  const undo = readUndo(id, fields, context, withOutput(inside, output), report);
  if (call === undefined) return { step: undefined, output, hasFiles };
  const saveAs = fields.text("save_as");
  const step: StepDefinition = {
    ...call,
    needs: planned.needs,
    ...(condition === undefined ? {} : { condition }),
    ...(items.forEach === undefined ? {} : { forEach: items.forEach }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(saveAs === undefined ? {} : { saveAs }),
    onError: planned.onError,
    ...(undo === undefined ? {} : { undo }),
  };
  return { step, output, hasFiles };
}

/** What is called when the run does not succeed, for each success of the step. */
function readUndo(
  id: string,
  owner: Fields,
  context: StepContext,
  visible: Visible,
  report: Report,
): StepDefinition | undefined {
  const node = owner.get("undo");
  const fields = node && readFields(node, "undo", CALL_KEYS, report);
  if (fields === undefined) return undefined;
  const callee = readUses(fields, context, report);
  return readCall(`${id}~undo`, fields, callee, context, visible, report);
}

function readUses(
  fields: Fields,
  { callees, noteCall }: StepContext,
  report: Report,
): Callee | undefined {
  const callee = readCallee(fields, "uses", callees, report);
  if (callee === undefined) return undefined;
  noteCall(callee.ref, fields.get("uses")?.place ?? fields.place);
  return callee.action?.runner.kind === "ask" ? asksFor(callee, fields, report) : callee;
}

function readCall(
  id: string,
  fields: Fields,
  callee: Callee | undefined,
  context: StepContext,
  visible: Visible,
  report: Report,
): StepDefinition | undefined {
  const action = callee?.action;
  const input = readWith(fields, callee, visible, report, context.reportSlip);
  refusePolicies(fields, action, report);
  const timeoutMs = readTimeoutMs(fields);
  const retry = readRetry(fields, report);
  const ownQueue = readQueueUse(fields, context.queues, visible, report);
  const ownPriority = readPriority(fields);
  const ownOn = action === undefined ? undefined : readOn(fields, action.runner, visible, report);
  const ownKey = readIdempotencyKey(fields, action?.runner.kind, visible, report);
  const files = action && readFileUse(fields, action.runner.kind, visible, report);
  if (action === undefined || input === undefined) return undefined;
  const queue = ownQueue ?? queueOfAction(action, input);
  const priority = ownPriority ?? context.priority ?? action.priority;
  const on = ownOn ?? (action.on && ofAction(action.on, action, input));
  const idempotencyKey =
    ownKey ?? (action.idempotencyKey && ofAction(action.idempotencyKey, action, input));
  return {
    id,
    needs: [],
    action,
    with: input,
    retry: retry ?? action.retry,
    timeoutMs: timeoutMs ?? action.timeoutMs,
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(on === undefined ? {} : { on }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(files === undefined ? {} : { files }),
    onError: "fail",
  };
}

/** What holds no worker is not admitted, nor does it run out of a worker's time. */
function refusePolicies(
  fields: Fields,
  action: ActionDefinition | undefined,
  report: Report,
): void {
  const kind = action?.runner.kind;
  if (action === undefined || (kind !== "timer" && kind !== "workflow" && kind !== "ask")) return;
  const refused = ["timeout", ...(kind === "timer" ? ["retry"] : []), "queue", "priority"];
  for (const key of refused.filter(fields.has)) {
    const what = kind === "ask" ? "question" : kind;
    const message = `${action.ref} is a ${what}: a step that calls it takes no ${key}`;
    report(fields.keyPlace(key), message, whereToSay(kind, key));
  }
}

function whereToSay(kind: "timer" | "workflow" | "ask", key: string): string | undefined {
  if (kind === "ask") return key === "timeout" ? "write with: { timeout: … }" : undefined;
  if (kind === "timer") return undefined;
  return key === "queue" ? "its own steps may say it" : "the workflow's own file may say it";
}

function queueOfAction(action: ActionDefinition, input: Template): QueueUse | undefined {
  const key = action.queue?.key;
  if (action.queue === undefined || key === undefined) return action.queue;
  return { name: action.queue.name, key: ofAction(key, action, input) };
}

/** What an action itself says (`queue.key`, `on`, `idempotency_key`) speaks of its input, which in a step is what `with` gives. */
function ofAction(template: Template, action: ActionDefinition, input: Template): Template {
  return {
    constant: template.constant,
    render(scope) {
      const given = input.render(scope);
      if (!given.ok) return given;
      const checked = action.input.validate(given.value);
      const filled: Json = checked.ok ? checked.value : given.value;
      return template.render({ input: filled });
    },
  };
}
