import type { Json } from "@yardmaster/protocol";
import {
  type ActionDefinition,
  NO_RETRY,
  type RetryPolicy,
  type RunnerSpec,
  type StepDefinition,
  type WorkflowDefinition,
} from "../../definitions/index.ts";
import type { Evaluated, Expression, Scope, Template } from "../../expressions/index.ts";
import { compileValidator } from "../../schema/index.ts";
import {
  type Advanced,
  type AttemptEnded,
  advance,
  begin,
  type ChildEnded,
  describeEffect,
  type InquiryAnswered,
  type RunEvent,
  type RunState,
} from "../index.ts";

export const ANYTHING = compileValidator(true);
export const FACTS = { id: "run-1", ref: "test", created_at: "2026-01-01T00:00:00.000Z" };

type Read = (scope: Scope) => Json;

/** What a test says of a step; the rest has defaults. Steps need the one before, unless they say otherwise. */
export interface StepSketch
  extends Partial<
    Omit<
      StepDefinition,
      "id" | "needs" | "condition" | "forEach" | "repeat" | "with" | "retry" | "undo"
    >
  > {
  readonly needs?: readonly string[];
  readonly if?: Read;
  readonly forEach?: Read;
  readonly concurrency?: number;
  readonly batch?: number;
  readonly repeat?: { readonly until: Read; readonly max?: number; readonly delayMs?: number };
  readonly undo?: Omit<StepSketch, "undo">;
  readonly with?: Read;
  readonly retry?: Partial<Omit<StepDefinition["retry"], "condition">> & { readonly if?: Read };
}

export const WORK = action({ kind: "process", script: "true", output: "json" });
export const SLEEP = action({ kind: "timer" });
export const ASK = action({ kind: "ask" }, { ref: "core.ask" });
export const CALL = action({ kind: "workflow" }, { ref: "test.called" });

export function action(runner: RunnerSpec, more: Partial<ActionDefinition> = {}): ActionDefinition {
  return { ref: "test.work", runner, input: ANYTHING, timeoutMs: 1_000, retry: NO_RETRY, ...more };
}

type Sketches = { readonly [id: string]: StepSketch };

/** What a workflow has beside its steps. */
export interface Around {
  readonly vars?: Read;
  readonly timeoutMs?: number;
  readonly onFailure?: Sketches;
  readonly finally?: Sketches;
}

export function workflow(
  sketches: Sketches,
  output?: Read,
  { vars, timeoutMs, onFailure, finally: last }: Around = {},
): WorkflowDefinition {
  return {
    ref: "test",
    kind: "workflow",
    input: ANYTHING,
    steps: stepsOf(sketches),
    ...(output === undefined ? {} : { output: template(output) }),
    ...(vars === undefined ? {} : { vars: template(vars) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(onFailure === undefined ? {} : { onFailure: stepsOf(onFailure) }),
    ...(last === undefined ? {} : { finally: stepsOf(last) }),
  };
}

function stepsOf(sketches: Sketches): StepDefinition[] {
  const ids = Object.keys(sketches);
  return ids.map((id, i) => step(id, sketches[id] as StepSketch, ids[i - 1]));
}

function step(id: string, sketch: StepSketch, before: string | undefined): StepDefinition {
  const { needs, if: condition, forEach, concurrency = 100, batch, ...others } = sketch;
  const { repeat, undo, with: read, retry, ...rest } = others;
  return {
    action: WORK,
    timeoutMs: 1_000,
    onError: "fail",
    ...rest,
    id,
    needs: needs ?? (before === undefined ? [] : [before]),
    with: template(read ?? (() => ({}))),
    retry: retryOf(retry ?? {}),
    ...(condition === undefined ? {} : { condition: expression(condition) }),
    ...(forEach === undefined
      ? {}
      : {
          forEach: {
            items: expression(forEach),
            concurrency,
            ...(batch === undefined ? {} : { batch }),
          },
        }),
    ...(repeat === undefined
      ? {}
      : { repeat: { max: 100, delayMs: 0, ...repeat, until: expression(repeat.until) } }),
    ...(undo === undefined ? {} : { undo: step(`${id}~undo`, undo, undefined) }),
  };
}

function retryOf({ if: condition, ...retry }: NonNullable<StepSketch["retry"]>): RetryPolicy {
  const own = condition === undefined ? {} : { condition: expression(condition) };
  return { ...NO_RETRY, maxDelayMs: 60_000, ...retry, ...own };
}

/** Throws what `read` throws as the error of an evaluation, as a missing field would be. */
export function template(read: Read): Template {
  return { constant: false, render: (scope) => evaluated(read, scope) };
}

function expression(read: Read): Expression {
  return { source: "test", clauses: [], evaluate: (scope) => evaluated(read, scope) };
}

function evaluated(read: Read, scope: Scope): Evaluated {
  try {
    return { ok: true, value: read(scope) };
  } catch (error) {
    const message = (error as Error).message;
    return { ok: false, error: { kind: "evaluation", message, source: "test" } };
  }
}

export function missing(): never {
  throw new Error("there is no field x");
}

export function ended(
  slot: string,
  number: number,
  status: AttemptEnded["status"] = "success",
  more: Partial<AttemptEnded> = {},
): AttemptEnded {
  return { type: "attempt_ended", slot, number, status, at: 1_000, random: 0, ...more };
}

export function childEnded(
  slot: string,
  number: number,
  status: ChildEnded["status"] = "success",
  more: Partial<ChildEnded> = {},
): ChildEnded {
  const run = `child-${number}`;
  return { type: "child_ended", slot, number, run, status, at: 1_000, random: 0, ...more };
}

export function answered(
  slot: string,
  number: number,
  answer: Json,
  more: Partial<InquiryAnswered> = {},
): InquiryAnswered {
  const by = "token:ann";
  return { type: "inquiry_answered", slot, number, inquiry: "i", answer, by, at: 1_000, ...more };
}

export function due(slot: string, number = 1): RunEvent {
  return { type: "timer_due", slot, number, at: 1_000 };
}

export const CANCEL: RunEvent = { type: "cancel_requested", at: 1_000, by: "test" };

/** A run that a test leads: each call is one advance, and answers with its decisions as text. */
export function lead(definition: WorkflowDefinition, input: Json = {}) {
  let last: Advanced = begin(definition, input, FACTS, 0);
  const told = (): string[] => last.effects.map(short);
  return {
    first: told(),
    post(...events: RunEvent[]): string[] {
      last = advance(definition, last.state, events);
      return told();
    },
    end: (slot: string, ...rest: [number?, AttemptEnded["status"]?, Partial<AttemptEnded>?]) => {
      const [number = 1, status = "success", more = {}] = rest;
      last = advance(definition, last.state, [ended(slot, number, status, more)]);
      return told();
    },
    verdicts: () => last.verdicts,
    effects: () => last.effects,
    state: (): RunState => last.state,
    phases: (): { [id: string]: string } =>
      Object.fromEntries(Object.entries(last.state.steps).map(([id, { phase }]) => [id, phase])),
  };
}

/** Without the fingerprint of its values. */
function short(effect: Advanced["effects"][number]): string {
  return describeEffect(effect)
    .split(" ")
    .slice(0, 3)
    .join(" ")
    .replace(/ \+0$/, "")
    .replace(/^(finish \w+) .*/, "$1");
}
