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

/** A random workflow of up to six steps: sequences and graphs, fan-outs, retries, waits, lanes and keys. */
export function randomWorkflow(random: Random, ref: string): WorkflowDefinition {
  const count = random.int(1, random.chance(0.3) ? 6 : 3);
  // One lane a workflow: two runs that each hold a FIFO key and wait for the other's would wait for ever.
  const lane = random.chance(0.7) ? LANES[0] : LANES[1];
  const steps: StepDefinition[] = [];
  for (let i = 0; i < count; i++) steps.push(randomStep(random, i, steps, lane));
  if (random.chance(0.1)) return { ...actionAsWorkflow(WORK), ref };
  return { ref, kind: "workflow", input: ANYTHING, steps, output: constant({ ref }) };
}

function randomStep(
  random: Random,
  nth: number,
  before: readonly StepDefinition[],
  lane: string,
): StepDefinition {
  const chosen = random.chance(0.15) ? SLEEP : random.chance(0.25) ? ECHO : WORK;
  const items = random.int(0, 4);
  const queued = chosen !== SLEEP && random.chance(0.6);
  const ids = before.map(({ id }) => id);
  const needs = random.chance(0.6) ? ids.slice(-1) : ids.filter(() => random.chance(0.4));
  const step: StepDefinition = {
    id: `s${nth}`,
    needs,
    action: chosen,
    with: constant(chosen === SLEEP ? { duration: `${random.int(1, 60) * 100}ms` } : { nth }),
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
    ...(random.chance(0.25)
      ? {
          forEach: {
            items: expression(Array.from({ length: items }, (_, i) => i)),
            concurrency: random.int(1, 3),
          },
        }
      : {}),
    ...(queued
      ? { queue: { name: lane, ...(random.chance(0.7) ? { key: fromInput("key") } : {}) } }
      : {}),
  };
  return step;
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

function expression(value: Json): Expression {
  const evaluate = (): Evaluated => ({ ok: true, value });
  return { source: JSON.stringify(value), clauses: [], evaluate };
}
