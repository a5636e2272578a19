import type { Json } from "@yardmaster/protocol";
import type { Expression, Template } from "../../expressions/index.ts";
import {
  type ActionDefinition,
  DEFAULT_ITEM_CONCURRENCY,
  type QueueUse,
  type StepDefinition,
} from "../definition.ts";
import type { Report } from "../problem.ts";
import { readExpression } from "./expressions.ts";
import { didYouMean, type Fields } from "./fields.ts";
import { readWith } from "./input.ts";
import { MAX_CONCURRENCY } from "./limits.ts";
import type { PlannedStep } from "./order.ts";
import { type Queues, readQueueUse, readRetry, readTimeoutMs } from "./policies.ts";
import { itemSchema, type Visible, withItem } from "./visible.ts";

export const STEP_KEYS = [
  "id",
  "description",
  "uses",
  "with",
  "needs",
  "if",
  "for_each",
  "concurrency",
  "retry",
  "timeout",
  "on_error",
  "queue",
];

/** Actions by ref. One that is declared but broken is there as undefined: its users are not to blame. */
export type Actions = ReadonlyMap<string, ActionDefinition | undefined>;

export interface StepContext {
  readonly actions: Actions;
  readonly workflows: ReadonlySet<string>;
  readonly queues: Queues;
}

export function readStep(
  planned: PlannedStep,
  context: StepContext,
  visible: Visible,
  report: Report,
): StepDefinition | undefined {
  const { fields } = planned;
  const action = readUses(fields, context, report);
  const conditionNode = fields.get("if");
  const condition = conditionNode && readExpression(conditionNode, "if", "bool", visible, report);
  const items = readItems(fields, visible, report);
  const inside = items.has ? withItem(visible, items.item) : visible;
  const callee = action === undefined ? { ref: "" } : { ref: action.ref, input: action.input };
  const input = readWith(fields.get("with"), fields.place, callee, inside, report);
  const policies = readPolicies(fields, action, context.queues, inside, report);
  if (action === undefined || input === undefined) return undefined;
  const queue = policies.queue ?? queueOfAction(action, input);
  return {
    id: planned.id,
    needs: planned.needs,
    ...(condition === undefined ? {} : { condition }),
    ...(items.forEach === undefined ? {} : { forEach: items.forEach }),
    action,
    with: input,
    retry: policies.retry ?? action.retry,
    timeoutMs: policies.timeoutMs ?? action.timeoutMs,
    ...(queue === undefined ? {} : { queue }),
    onError: fields.word("on_error", ["fail", "continue"]) ?? "fail",
  };
}

function readUses(
  fields: Fields,
  { actions, workflows }: StepContext,
  report: Report,
): ActionDefinition | undefined {
  const ref = fields.requiredText("uses");
  if (ref === undefined || actions.has(ref))
    return ref === undefined ? undefined : actions.get(ref);
  const place = fields.get("uses")?.place ?? fields.place;
  if (workflows.has(ref)) report(place, `"${ref}" is a workflow; a step uses an action`);
  else report(place, `there is no action "${ref}"`, actionHint(ref, actions));
  return undefined;
}

/** The nearest ref, or the one whose name is the same where only the pack is missing. */
function actionHint(ref: string, actions: Actions): string | undefined {
  const sameName = [...actions.keys()].find((known) => known.endsWith(`.${ref}`));
  if (sameName !== undefined) return `did you mean "${sameName}"?`;
  return didYouMean(ref, actions.keys()) ?? "a step uses actions of its own pack and core's";
}

interface Items {
  readonly has: boolean;
  readonly item: ReturnType<typeof itemSchema>;
  readonly forEach?: { readonly items: Expression; readonly concurrency: number };
}

function readItems(fields: Fields, visible: Visible, report: Report): Items {
  const node = fields.get("for_each");
  const bounds = { min: 1, max: MAX_CONCURRENCY, integer: true };
  const concurrency = fields.number("concurrency", bounds) ?? DEFAULT_ITEM_CONCURRENCY;
  if (node === undefined) {
    if (fields.has("concurrency"))
      report(fields.keyPlace("concurrency"), "concurrency is for steps with for_each");
    return { has: false, item: true };
  }
  const items = readExpression(node, "for_each", "list", visible, report);
  if (items === undefined) return { has: true, item: true };
  return { has: true, item: itemSchema(items.source, visible), forEach: { items, concurrency } };
}

function readPolicies(
  fields: Fields,
  action: ActionDefinition | undefined,
  queues: Queues,
  visible: Visible,
  report: Report,
) {
  const isTimer = action?.runner.kind === "timer";
  for (const key of isTimer ? ["timeout", "retry", "queue"].filter(fields.has) : [])
    report(fields.keyPlace(key), `${action?.ref} holds no worker: it takes no ${key}`);
  return {
    timeoutMs: readTimeoutMs(fields),
    retry: readRetry(fields, report),
    queue: readQueueUse(fields, queues, visible, report),
  };
}

/** The key of an action's own queue speaks of the action's input, which in a step is what `with` gives. */
function queueOfAction(action: ActionDefinition, input: Template): QueueUse | undefined {
  const key = action.queue?.key;
  if (action.queue === undefined || key === undefined) return action.queue;
  return {
    name: action.queue.name,
    key: {
      constant: key.constant,
      render(scope) {
        const given = input.render(scope);
        if (!given.ok) return given;
        const checked = action.input.validate(given.value);
        const filled: Json = checked.ok ? checked.value : given.value;
        return key.render({ input: filled });
      },
    },
  };
}
