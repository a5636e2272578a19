import type { Expression, Template } from "../expressions/index.ts";
import type { Validator } from "../schema/index.ts";

/** How a failed attempt is tried again. `attempts` is the total number of tries; lost ones do not count. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: "constant" | "exponential";
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

/** What a process action starts; exactly one of `command`, `entry` and `script` is given. */
export interface ProcessSpec {
  readonly kind: "process";
  /** Program and arguments, never a shell string. */
  readonly command?: readonly string[];
  /** File of the pack; its extension names the interpreter (.js .mjs .cjs .py .sh, else itself). */
  readonly entry?: string;
  /** Inline text for `shell`, by default `/bin/sh -eu`. */
  readonly script?: string;
  readonly shell?: string;
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: "pack" | "work";
  /** How stdout becomes the output: one JSON value, the text, or not at all (null). */
  readonly output: "json" | "text" | "none";
}

/** An action that the worker carries out in its own process, without I/O. */
export interface CoreSpec {
  readonly kind: "core";
  readonly name: "echo" | "noop" | "fail";
}

/** A durable wait: a timer row, no worker is held. Its input has `duration`. */
export interface TimerSpec {
  readonly kind: "timer";
}

export type RunnerSpec = ProcessSpec | CoreSpec | TimerSpec;

/** The smallest callable thing. */
export interface ActionDefinition {
  readonly ref: string;
  readonly runner: RunnerSpec;
  /** Folder of the pack inside the pinned content, by pack digest; undefined for built-in actions. */
  readonly packDigest?: string;
  readonly input: Validator;
  readonly output?: Validator;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly queue?: QueueUse;
}

/** Which lane a step's attempts are admitted through, and under which key. */
export interface QueueUse {
  readonly name: string;
  /** Text by which the queue's per-key limit and FIFO order tell its users apart. */
  readonly key?: Template;
}

export interface StepDefinition {
  readonly id: string;
  /** Ids of the steps that must be final before this one is judged. */
  readonly needs: readonly string[];
  readonly condition?: Expression;
  readonly forEach?: { readonly items: Expression; readonly concurrency: number };
  readonly action: ActionDefinition;
  /** The action's input. */
  readonly with: Template;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly queue?: QueueUse;
  readonly onError: "fail" | "continue";
}

/** A graph of steps. A run of a single action is the workflow that `actionAsWorkflow` makes of it. */
export interface WorkflowDefinition {
  readonly ref: string;
  readonly kind: "workflow" | "action";
  readonly input: Validator;
  /** In the order of the file: every step stands after those it needs. */
  readonly steps: readonly StepDefinition[];
  readonly output?: Template;
}

/** Most items that one for_each may hold. */
export const MAX_ITEMS = 10_000;
/** Attempts of one for_each that wait or run at once where it does not say `concurrency`. */
export const DEFAULT_ITEM_CONCURRENCY = 100;
export const NO_RETRY: RetryPolicy = {
  attempts: 1,
  backoff: "constant",
  delayMs: 0,
  maxDelayMs: 0,
  jitter: 0,
};
