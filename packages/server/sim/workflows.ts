import {
  type ActionDefinition,
  actionAsWorkflow,
  compileValidator,
  type Evaluated,
  type Expression,
  NO_RETRY,
  type RunnerSpec,
  type Scope,
  type StepDefinition,
  type Template,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import type { Random } from "./random.ts";

const ANYTHING = compileValidator(true);

const ECHO = action("sim.echo", { kind: "core", name: "echo" });
const WORK = action("sim.work", { kind: "process", script: "", output: "json" });
const SLEEP = action("sim.sleep", { kind: "timer" });

/** Lanes that workflows may use; which limits they have is the history's choice. */
export const LANES = ["lane-a", "lane-b"] as const;

/** A random workflow of up to six steps: sequences and graphs, fan-outs, rounds, jumps, retries, waits, lanes, cleanup. */
export function randomWorkflow(
  random: Random,
  ref: string,
  callable: readonly string[] = [],
): WorkflowDefinition {
  const count = random.int(1, random.chance(0.3) ? 6 : 3);
  // One lane a workflow: two runs that each hold a FIFO key and wait for the other's would wait for ever.
  const calls = callable.length > 0 && random.chance(0.4);
  // And none where it calls another, which may stand in one: it would hold what that waits for.
  const lane = calls ? undefined : random.chance(0.7) ? LANES[0] : LANES[1];
  const steps: StepDefinition[] = [];
  for (let i = 0; i < count; i++) steps.push(randomStep(random, `s${i}`, steps, lane));
  if (calls) {
    const at = random.int(0, steps.length - 1);
    steps[at] = callOf(steps[at] as StepDefinition, random.pick(callable));
  } else if (random.chance(0.1)) return { ...actionAsWorkflow(WORK), ref };
  return {
    ref,
    kind: "workflow",
    input: ANYTHING,
    steps: random.chance(0.3) ? withJump(random, steps) : steps,
    output: constant({ ref }),
    ...(random.chance(0.2) ? { timeoutMs: random.int(500, 20_000) } : {}),
    ...(random.chance(0.3) ? { onFailure: cleanup(random, "f", lane) } : {}),
    ...(random.chance(0.3) ? { finally: cleanup(random, "z", lane) } : {}),
  };
}

/** The step as one that runs another workflow. */
function callOf({ queue: _, undo: __, ...step }: StepDefinition, ref: string): StepDefinition {
  return { ...step, action: action(ref, { kind: "workflow" }), with: fromScope("input") };
}

/** The failure of one step is handled by a later one. */
function withJump(random: Random, steps: readonly StepDefinition[]): readonly StepDefinition[] {
  const from = random.int(0, steps.length - 1);
  const to = random.int(0, steps.length - 1);
  const [jumper, handler] = [steps[from], steps[to]];
  if (from >= to || jumper === undefined || handler === undefined) return steps;
  return steps.map((step) => {
    if (step === jumper) return { ...step, onError: { step: handler.id } };
    return step === handler ? { ...step, needs: [...new Set([...step.needs, jumper.id])] } : step;
  });
}

function cleanup(
  random: Random,
  name: string,
  lane: string | undefined,
): readonly StepDefinition[] {
  const steps: StepDefinition[] = [];
  for (let i = random.int(1, 2); i > 0; i--) {
    const { undo: _, ...step } = randomStep(random, `${name}${i}`, steps, lane);
    steps.push(step);
  }
  return steps;
}

function randomStep(
  random: Random,
  id: string,
  before: readonly StepDefinition[],
  lane: string | undefined,
): StepDefinition {
  const chosen = random.chance(0.15) ? SLEEP : random.chance(0.25) ? ECHO : WORK;
  const items = random.int(0, 4);
  const queued = chosen !== SLEEP && lane !== undefined && random.chance(0.6);
  const ids = before.map(({ id }) => id);
  const needs = random.chance(0.6) ? ids.slice(-1) : ids.filter(() => random.chance(0.4));
  const isMany = random.chance(0.25);
  const step: StepDefinition = {
    id,
    needs,
    action: chosen,
    with: constant(chosen === SLEEP ? { duration: `${random.int(1, 60) * 100}ms` } : { id }),
    retry: {
      attempts: random.int(1, 3),
      backoff: random.pick(["constant", "exponential"] as const),
      delayMs: random.chance(0.5) ? 0 : random.int(1, 1_500),
      maxDelayMs: 2_000,
      jitter: random.chance(0.5) ? 0.5 : 0,
    },
    timeoutMs: 30_000,
    onError: random.chance(0.4) ? "continue" : "fail",
    ...(random.chance(0.1) ? { condition: expression(false) } : {}),
    ...(isMany
      ? {
          forEach: {
            items: expression(Array.from({ length: items }, (_, i) => i)),
            concurrency: random.int(1, 3),
          },
        }
      : {}),
    ...(!isMany && random.chance(0.15)
      ? { repeat: { until: isRound(random.int(1, 3)), max: 2, delayMs: random.int(0, 5) * 200 } }
      : {}),
    ...(queued && lane !== undefined
      ? { queue: { name: lane, ...(random.chance(0.7) ? { key: fromInput("key") } : {}) } }
      : {}),
  };
  if (!random.chance(0.2)) return step;
  const undo: StepDefinition = {
    ...randomStep(random, `${id}~undo`, [], lane),
    ...{ needs: [], onError: "fail" },
  };
  return { ...step, undo };
}

function isRound(last: number): Expression {
  const evaluate = (scope: Scope): Evaluated => ({ ok: true, value: scope["round"] === last });
  return { source: `round == ${last}`, clauses: [], evaluate };
}

function action(ref: string, runner: RunnerSpec): ActionDefinition {
  return { ref, runner, input: ANYTHING, timeoutMs: 30_000, retry: NO_RETRY };
}

function constant(value: Json): Template {
  return { constant: true, render: () => ({ ok: true, value }) };
}

function fromInput(field: string): Template {
  return {
    constant: false,
    render: (scope: Scope) => ({
      ok: true,
      value: (scope["input"] as { [name: string]: Json })[field] ?? null,
    }),
  };
}

function fromScope(name: string): Template {
  return { constant: false, render: (scope) => ({ ok: true, value: scope[name] as Json }) };
}

function expression(value: Json): Expression {
  const evaluate = (): Evaluated => ({ ok: true, value });
  return { source: JSON.stringify(value), clauses: [], evaluate };
}
