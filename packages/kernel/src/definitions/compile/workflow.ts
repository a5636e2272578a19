import type { StepDefinition, WorkflowDefinition } from "../definition.ts";
import type { DocumentNode, Place } from "../document.ts";
import type { Report } from "../problem.ts";
import { outputSchema } from "./action.ts";
import { readTemplate } from "./expressions.ts";
import { type Fields, kindOf, readFields } from "./fields.ts";
import { MAX_STEPS } from "./limits.ts";
import { checkStepId } from "./names.ts";
import { ancestors, inOrder, type PlannedStep, readNeeds } from "./order.ts";
import { readInput } from "./schemas.ts";
import { readStep, STEP_KEYS, type StepContext } from "./step.ts";
import { type StepTypes, visibleSteps } from "./visible.ts";

export const WORKFLOW_KEYS = [
  "workflow",
  "description",
  "input",
  "input_schema",
  "steps",
  "output",
];

/** The definition where all of it could be read; what could not is reported. */
export function readWorkflow(
  ref: string,
  fields: Fields,
  context: StepContext,
  report: Report,
): WorkflowDefinition | undefined {
  const input = readInput(fields, report);
  const planned = planSteps(fields, report);
  const ordered = inOrder(planned, report);
  // Steps that wait for each other have no order in which their expressions could be checked.
  if (ordered === undefined) return undefined;
  const schema = input?.schema ?? true;
  const ids = ordered.map((step) => step.id).filter((id) => !isMadeUp(id));
  const before = ancestors(ordered);
  const types = new Map<string, StepTypes>();
  const steps: (StepDefinition | undefined)[] = ordered.map((step) => {
    const earlier = new Map([...types].filter(([id]) => before.get(step.id)?.has(id)));
    const visible = visibleSteps(schema, earlier, ids);
    const read = readStep(step, context, visible, report);
    const output = read === undefined ? true : outputSchema(read.action);
    if (!isMadeUp(step.id)) types.set(step.id, { output, isForEach: step.fields.has("for_each") });
    return read;
  });
  const outputNode = fields.get("output");
  const visible = visibleSteps(schema, types, ids);
  const output = outputNode && readTemplate(outputNode, visible, report);
  refuseTwoLines(ordered, steps, context, report);
  if (input === undefined || !steps.every((step) => step !== undefined)) return undefined;
  return {
    ref,
    kind: "workflow",
    input,
    steps,
    ...(output === undefined ? {} : { output }),
  };
}

/**
 * A run holds its place in a FIFO line until it is final. Were it to stand in two lines, two runs could each hold
 * what the other waits for, for ever; so all steps of a workflow share one.
 */
function refuseTwoLines(
  ordered: readonly PlannedStep[],
  steps: readonly (StepDefinition | undefined)[],
  { queues }: StepContext,
  report: Report,
): void {
  let first: { readonly id: string; readonly line: string } | undefined;
  for (const [index, { id, place, fields }] of ordered.entries()) {
    const step = steps[index];
    if (step?.queue === undefined || !queues.get(step.queue.name)?.fifo) continue;
    const line = `${step.queue.name} ${keyText(fields) ?? step.action.ref}`;
    first ??= { id, line };
    if (line === first.line) continue;
    const hint = "give all steps of a workflow that use FIFO queues the same queue and key";
    report(
      place,
      `the steps "${first.id}" and "${id}" stand in two FIFO lines; two runs could wait for each other for ever`,
      hint,
    );
  }
}

/** The key as it is written at the step; undefined where it comes from the action. */
function keyText(fields: Fields): string | undefined {
  const queue = fields.get("queue");
  if (queue === undefined || queue.kind !== "map") return undefined;
  const key = queue.entries.get("key")?.value;
  return key?.kind === "scalar" ? String(key.value) : undefined;
}

function planSteps(fields: Fields, report: Report): PlannedStep[] {
  const node = fields.get("steps");
  if (node === undefined) {
    report(fields.place, 'a workflow needs "steps"');
    return [];
  }
  if (node.kind !== "list" || node.items.length === 0) {
    const got = node.kind === "list" ? "an empty one" : kindOf(node);
    report(node.place, `steps must be a list of steps, not ${got}`);
    return [];
  }
  if (node.items.length > MAX_STEPS) {
    report(node.place, `${node.items.length} steps; ${MAX_STEPS} are allowed in a workflow`);
    return [];
  }
  const named = node.items.flatMap((item, index) => nameStep(item, index, report));
  const ids = named.map((step) => step.id);
  for (const [index, step] of named.entries())
    if (ids.indexOf(step.id) < index)
      report(step.place, `there are two steps "${step.id}"`, "ids are unique in a workflow");
  const unique = named.filter((step, index) => ids.indexOf(step.id) === index);
  return unique.map((step, index) => ({
    ...step,
    needs: readNeeds(step.fields, step.id, unique[index - 1]?.id, ids, report),
  }));
}

interface NamedStep {
  readonly id: string;
  readonly place: Place;
  readonly fields: Fields;
}

/** A step whose id is wrong goes on under a made-up one, so that the rest of it is checked too. */
function nameStep(item: DocumentNode, index: number, report: Report): NamedStep[] {
  const fields = readFields(item, "a step", STEP_KEYS, report);
  if (fields === undefined) return [];
  const id = fields.requiredText("id");
  const place = fields.get("id")?.place ?? fields.place;
  if (id !== undefined && checkStepId(id, place, report)) return [{ id, place, fields }];
  return [{ id: `${MADE_UP}${index + 1}`, place, fields }];
}

/** Begins the id of a step that has none: no real id can. */
const MADE_UP = "#";

function isMadeUp(id: string): boolean {
  return id.startsWith(MADE_UP);
}
