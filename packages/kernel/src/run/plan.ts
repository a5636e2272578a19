import type { StepDefinition, WorkflowDefinition } from "../definitions/index.ts";
import { parseSlotKey } from "./slots/slot-key.ts";
import type { Section } from "./state.ts";

/** What the interpreter looks up in a workflow, worked out once for all its runs. */
export interface Plan {
  readonly lists: { readonly [S in Section]: readonly StepDefinition[] };
  /** Every step of every list. */
  readonly steps: ReadonlyMap<string, StepDefinition>;
  /** The same, and what undoes them. */
  readonly calls: readonly StepDefinition[];
  /** The steps that need this one, in the order of the file. */
  readonly after: ReadonlyMap<string, readonly StepDefinition[]>;
  /** Of a step that handles others: those that jump to it when they fail. */
  readonly jumpers: ReadonlyMap<string, readonly string[]>;
  /** What a jump from this step passes by: all that comes after it, but where it leads and what comes after that. */
  readonly passedBy: ReadonlyMap<string, readonly string[]>;
}

const plans = new WeakMap<WorkflowDefinition, Plan>();

export function planOf(workflow: WorkflowDefinition): Plan {
  const known = plans.get(workflow);
  if (known !== undefined) return known;
  const made = makePlan(workflow);
  plans.set(workflow, made);
  return made;
}

/** What a slot calls: its step, or what undoes that; undefined where the workflow has no such step. */
export function stepOfSlot(workflow: WorkflowDefinition, slot: string): StepDefinition | undefined {
  const { step, isUndo } = parseSlotKey(slot);
  const found = planOf(workflow).steps.get(step);
  return isUndo ? found?.undo : found;
}

/** Everything that a run of the workflow may call: the steps of all its lists, and what undoes them. */
export function callsOf(workflow: WorkflowDefinition): readonly StepDefinition[] {
  return planOf(workflow).calls;
}

function makePlan(workflow: WorkflowDefinition): Plan {
  const lists = {
    steps: workflow.steps,
    on_failure: workflow.onFailure ?? [],
    finally: workflow.finally ?? [],
  };
  const all = Object.values(lists).flat();
  const after = new Map<string, StepDefinition[]>();
  const jumpers = new Map<string, string[]>();
  for (const step of all) {
    for (const id of step.needs) add(after, id, step);
    if (typeof step.onError === "object") add(jumpers, step.onError.step, step.id);
  }
  const passedBy = new Map<string, readonly string[]>();
  for (const { id, onError } of all) {
    if (typeof onError !== "object") continue;
    const reached = following(onError.step, after);
    const passed = [...following(id, after)].filter((other) => !reached.has(other));
    passedBy.set(
      id,
      passed.filter((other) => other !== onError.step),
    );
  }
  const steps = new Map(all.map((step) => [step.id, step]));
  const calls = all.flatMap((step) => (step.undo === undefined ? [step] : [step, step.undo]));
  return { lists, steps, calls, after, jumpers, passedBy };
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** All that comes after a step, directly or not. */
function following(
  id: string,
  after: ReadonlyMap<string, readonly StepDefinition[]>,
  found = new Set<string>(),
): ReadonlySet<string> {
  for (const next of after.get(id) ?? []) {
    if (found.has(next.id)) continue;
    found.add(next.id);
    following(next.id, after, found);
  }
  return found;
}
