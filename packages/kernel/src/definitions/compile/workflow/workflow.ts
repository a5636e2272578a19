import type { JsonSchema, Validator } from "../../../schema/index.ts";
import type { StepDefinition, WorkflowDefinition } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { readPriority } from "../calls/policies.ts";
import { readTemplate } from "../fields/expressions.ts";
import type { Fields } from "../fields/fields.ts";
import { MAX_DELAY_MS } from "../fields/limits.ts";
import { type StepTypes, type Visible, visibleAtStart, visibleSteps } from "../fields/visible.ts";
import type { InSteps } from "../in-steps.ts";
import { refuseTwoLines } from "./lines.ts";
import { ancestors, type OrderedSteps, type PlannedStep } from "./order.ts";
import { isMadeUp, LISTS, type ListName, planLists } from "./plan-steps.ts";
import { readStep, type StepContext } from "./step.ts";
import { readVariables, type Variables, variableSchemas } from "./variables.ts";

export const WORKFLOW_KEYS = [
  "workflow",
  "description",
  "as_tool",
  "input",
  "input_schema",
  "vars",
  ...LISTS,
  "output",
  "timeout",
  "priority",
];

type ReadLists = { readonly [L in ListName]: readonly (StepDefinition | undefined)[] };

/** The definition where all of it could be read; what could not is reported. Its `input` was read before. */
export function* readWorkflow(
  ref: string,
  fields: Fields,
  input: Validator | undefined,
  context: StepContext,
  report: Report,
): InSteps<WorkflowDefinition | undefined> {
  const timeoutMs = fields.durationMs("timeout", { min: 1, max: MAX_DELAY_MS });
  const priority = readPriority(fields);
  const planned = planLists(fields, report);
  const schema = input?.schema ?? true;
  const all = LISTS.flatMap((name) => planned[name].steps);
  const before = new Map(LISTS.flatMap((name) => [...ancestors(planned[name])]));
  // What cleans up comes after all of the steps.
  for (const { id } of [...planned.on_failure.steps, ...planned.finally.steps])
    for (const step of planned.steps.steps) before.get(id)?.add(step.id);
  const vars = readVariables(fields, all, before, visibleAtStart(schema), report);
  const types = new Map(LISTS.flatMap((name) => typesAtFirst(planned[name])));
  const own = { ...context, ...(priority === undefined ? {} : { priority }) };

  const visibleTo = (
    done: ReadonlySet<string>,
    list: readonly PlannedStep[],
    isEnding: boolean,
  ) => {
    const known = new Map([...types].filter(([id]) => done.has(id)));
    return visibleSteps({
      input: schema,
      before: known,
      vars: variableSchemas(vars, (id) => outputOf(types, done, id)),
      hidden: hiddenFrom(done, list, vars),
      isEnding,
    });
  };
  function* readList(name: ListName): InSteps<(StepDefinition | undefined)[]> {
    const list: (StepDefinition | undefined)[] = [];
    for (const step of planned[name].steps) {
      const done = before.get(step.id) ?? new Set<string>();
      const visible: Visible = {
        ...visibleTo(done, planned[name].steps, name !== "steps"),
        comesAfter: (id) => before.get(id)?.has(step.id) === true,
      };
      const { step: read, output, hasFiles } = readStep(step, own, visible, report);
      if (!isMadeUp(step.id))
        types.set(step.id, { output, hasFiles, isForEach: step.fields.has("for_each") });
      list.push(read);
      yield;
    }
    return list;
  }
  const lists: ReadLists = {
    steps: yield* readList("steps"),
    on_failure: yield* readList("on_failure"),
    finally: yield* readList("finally"),
  };
  const outputNode = fields.get("output");
  const done = new Set(planned.steps.steps.map((step) => step.id));
  const output = outputNode && readTemplate(outputNode, visibleTo(done, [], false), report);
  refuseTwoLines(
    all,
    LISTS.flatMap((name) => lists[name]),
    context.queues,
    report,
  );
  const isCircular = LISTS.some((name) => planned[name].isCircular);
  if (input === undefined || isCircular || !isWhole(lists)) return undefined;
  return {
    ref,
    kind: "workflow",
    input,
    ...(vars.template === undefined ? {} : { vars: vars.template }),
    steps: lists.steps,
    ...(output === undefined ? {} : { output }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(lists.on_failure.length === 0 ? {} : { onFailure: lists.on_failure }),
    ...(lists.finally.length === 0 ? {} : { finally: lists.finally }),
  };
}

/** Of steps that wait for each other some are spoken of before they are read: nothing is known of them then. */
function typesAtFirst({ steps, isCircular }: OrderedSteps): [string, StepTypes][] {
  if (!isCircular) return [];
  return steps
    .filter(({ id }) => !isMadeUp(id))
    .map(({ id, fields }) => {
      const isForEach = fields.has("for_each");
      return [id, { output: true, hasFiles: true, isForEach }];
    });
}

function isWhole(
  lists: ReadLists,
): lists is { readonly [L in ListName]: readonly StepDefinition[] } {
  return LISTS.every((name) => lists[name].every((step) => step !== undefined));
}

/** What a step before a place leaves in its variable. */
function outputOf(
  types: ReadonlyMap<string, StepTypes>,
  done: ReadonlySet<string>,
  id: string,
): JsonSchema | undefined {
  if (!done.has(id)) return undefined;
  const { output, isForEach } = types.get(id) ?? { output: true, isForEach: false };
  return isForEach ? { type: "array", items: output } : output;
}

function hiddenFrom(
  done: ReadonlySet<string>,
  list: readonly PlannedStep[],
  { initial, savers }: Variables,
): Map<string, string> {
  const hidden = new Map<string, string>();
  for (const { id } of list) if (!done.has(id) && !isMadeUp(id)) hidden.set(`steps.${id}`, id);
  for (const [name, steps] of savers) {
    const [first] = steps;
    if (initial.has(name) || first === undefined || steps.some((id) => done.has(id))) continue;
    hidden.set(`vars.${name}`, first);
  }
  return hidden;
}
