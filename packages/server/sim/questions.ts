import {
  type ActionDefinition,
  compileValidator,
  NO_RETRY,
  type StepDefinition,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import type { Random } from "./random.ts";

const ANSWER = { type: "object" } as const;

const ASK: ActionDefinition = {
  ref: "core.ask",
  runner: { kind: "ask" },
  input: compileValidator(true),
  output: compileValidator(ANSWER),
  timeoutMs: 30_000,
  retry: NO_RETRY,
};

/** The workflow with some of its steps as questions, and some that ask a person after a loss. */
export function withQuestions(random: Random, workflow: WorkflowDefinition): WorkflowDefinition {
  const asking = (steps: readonly StepDefinition[]): readonly StepDefinition[] =>
    steps.map((step) => questioning(random, step));
  const { onFailure, finally: last } = workflow;
  if (workflow.kind === "action") return workflow;
  return {
    ...workflow,
    steps: asking(workflow.steps),
    ...(onFailure === undefined ? {} : { onFailure: asking(onFailure) }),
    ...(last === undefined ? {} : { finally: asking(last) }),
  };
}

function questioning(random: Random, step: StepDefinition): StepDefinition {
  const { kind } = step.action.runner;
  if (kind === "process" && random.chance(0.2))
    return { ...step, action: { ...step.action, asksOnLost: true } };
  if (kind === "workflow" || !random.chance(0.25)) return step;
  const { queue: _, ...plain } = step;
  return { ...plain, action: ASK, with: constant(question(random)) };
}

/** Some wait for as long as it takes, some for a moment, some have a default. */
function question(random: Random): Json {
  const timeout = random.chance(0.5) ? undefined : `${random.int(1, 60) * 100}ms`;
  return {
    prompt: "?",
    ...(timeout === undefined ? {} : { timeout }),
    ...(timeout !== undefined && random.chance(0.5) ? { default: { n: -1 } } : {}),
  };
}

function constant(value: Json): StepDefinition["with"] {
  return { constant: true, render: () => ({ ok: true, value }) };
}
