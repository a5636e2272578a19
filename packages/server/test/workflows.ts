import {
  type ActionDefinition,
  actionAsWorkflow,
  compileExpression,
  compileTemplate,
  compileValidator,
  NO_RETRY,
  type RunnerSpec,
  type StepDefinition,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import { AppError, type Json } from "@yardmaster/protocol";
import type { DefinitionSource } from "../src/engine/index.ts";

const ANYTHING = { variables: { input: true, steps: true, run: true, item: true, index: true } };

export function actionOf(
  ref: string,
  runner: RunnerSpec,
  more: Partial<ActionDefinition> = {},
): ActionDefinition {
  return {
    ref,
    runner,
    input: compileValidator(true),
    timeoutMs: 300_000,
    retry: NO_RETRY,
    ...more,
  };
}

export const ECHO = actionOf("core.echo", { kind: "core", name: "echo" });
export const NOOP = actionOf("core.noop", { kind: "core", name: "noop" });
export const FAIL = actionOf("core.fail", { kind: "core", name: "fail" });
export const SLEEP = actionOf("core.sleep", { kind: "timer" });

export interface StepSketch {
  readonly id: string;
  readonly action: ActionDefinition;
  readonly with?: Json;
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly forEach?: string;
  readonly concurrency?: number;
  readonly retry?: Partial<StepDefinition["retry"]>;
  readonly timeoutMs?: number;
  readonly queue?: string;
  readonly key?: string;
  readonly onError?: "continue";
  /** The nodes that carry it out. */
  readonly on?: Json;
  readonly idempotencyKey?: string;
  /** Files of earlier steps that it is given. */
  readonly files?: Json;
}

/** A workflow without a pack, for tests of what lies below packs. */
export function workflowOf(
  ref: string,
  sketches: readonly StepSketch[],
  output?: Json,
): WorkflowDefinition {
  return {
    ref,
    kind: "workflow",
    input: compileValidator(true),
    steps: sketches.map((sketch, index) => stepOf(sketch, sketches[index - 1]?.id)),
    ...(output === undefined ? {} : { output: template(output) }),
  };
}

function stepOf(sketch: StepSketch, before: string | undefined): StepDefinition {
  return {
    id: sketch.id,
    needs: sketch.needs ?? (before === undefined ? [] : [before]),
    action: sketch.action,
    with: template(sketch.with ?? {}),
    retry: { ...sketch.action.retry, maxDelayMs: 60_000, ...sketch.retry },
    timeoutMs: sketch.timeoutMs ?? sketch.action.timeoutMs,
    onError: sketch.onError ?? "fail",
    ...(sketch.files === undefined ? {} : { files: template(sketch.files) }),
    ...(sketch.idempotencyKey === undefined
      ? {}
      : { idempotencyKey: template(sketch.idempotencyKey) }),
    ...(sketch.on === undefined ? {} : { on: template(sketch.on) }),
    ...(sketch.if === undefined ? {} : { condition: expression(sketch.if) }),
    ...(sketch.forEach === undefined
      ? {}
      : { forEach: { items: expression(sketch.forEach), concurrency: sketch.concurrency ?? 100 } }),
    ...(sketch.queue === undefined
      ? {}
      : {
          queue: {
            name: sketch.queue,
            ...(sketch.key === undefined ? {} : { key: template(sketch.key) }),
          },
        }),
  };
}

function template(value: Json) {
  const compiled = compileTemplate(value, ANYTHING);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return compiled.value;
}

function expression(source: string) {
  const compiled = compileExpression(source, ANYTHING);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return compiled.value;
}

/** Definitions that do not change, from a list of workflows and the core actions. */
export function definitionsOf(workflows: readonly WorkflowDefinition[]): DefinitionSource {
  const byRef = new Map<string, WorkflowDefinition>();
  for (const action of [ECHO, NOOP, FAIL, SLEEP]) byRef.set(action.ref, actionAsWorkflow(action));
  for (const workflow of workflows) byRef.set(workflow.ref, workflow);
  return {
    current(ref) {
      const workflow = byRef.get(ref);
      return workflow === undefined ? undefined : { workflow, packDigest: null };
    },
    async pinned(ref) {
      const workflow = byRef.get(ref);
      if (workflow === undefined) throw new AppError("definition_missing", `no ${ref}`);
      return workflow;
    },
    refs: () => byRef.keys(),
    packFolder: async () => "/",
  };
}
