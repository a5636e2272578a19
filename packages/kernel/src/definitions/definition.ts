import type { Expression, Template } from "../expressions/index.ts";
import type { JsonSchema, Validator } from "../schema/index.ts";
import type { AgentProfile } from "./agent.ts";
import type { TrackerVerb } from "./tracker-action.ts";

/** How a failed attempt is tried again. `attempts` is the total number of tries; lost ones do not count. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: "constant" | "linear" | "exponential";
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
  /** Which failures are tried again, by their `error`; left out, those that may pass. */
  readonly condition?: Expression;
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
  /**
   * How the input arrives: as JSON on stdin (default), in a file that `YARD_INPUT_FILE` names, or, of an input that is a
   * text, as it is on stdin.
   */
  readonly inputAs?: "stdin" | "file" | "text";
  /** How stdout becomes the output. */
  readonly output: OutputFormat;
  /** Names and globs of files in the work folder that a success hands back. */
  readonly files?: readonly string[];
}

/** One JSON value, one JSON value a line (a list), one YAML document, the text, or nothing (null). */
export const OUTPUT_FORMATS = ["json", "jsonl", "yaml", "text", "none"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** An action that the worker carries out in its own process, without I/O. */
export interface CoreSpec {
  readonly kind: "core";
  readonly name: "echo" | "noop" | "fail" | "set";
}

/** Writes a line into the log of its attempt. Its input has `text` and `level`. */
export interface LogSpec {
  readonly kind: "log";
}

/** One HTTP request, carried out by the worker itself. */
export interface HttpSpec {
  readonly kind: "http";
  /** Makes the request of the action's `input`; without it the input is the request. */
  readonly request?: Template;
}

/** Asks a coding agent, headless: a process whose program Yardmaster knows how to speak with. */
export interface AgentSpec {
  readonly kind: "agent";
  readonly profile: AgentProfile;
  /** Makes what is asked of the action's `input`. */
  readonly request: Template;
  /** What the answer must be: a map. Without it the agent answers in words. */
  readonly answer?: JsonSchema;
  /** Names and globs of files in the work folder that a success hands back. */
  readonly files?: readonly string[];
}

/** Calls one tool of an MCP server, which is started for the call, or is at an address. */
export interface McpSpec {
  readonly kind: "mcp";
  readonly tool: string;
  /** Program and arguments of a server that is asked over its stdin and stdout; absent: it is at the `url` of the request. */
  readonly command?: readonly string[];
  readonly cwd?: "pack" | "work";
  /** Makes of the action's `input` what the server and its tool are given. */
  readonly request: Template;
  /** A text that the tool answers is read as JSON. */
  readonly readsJson?: true;
}

/** Writes to a tracker that the installation knows, with its token. Its input is that of the verb. */
export interface TrackerSpec {
  readonly kind: "tracker";
  readonly verb: TrackerVerb;
}

/** A durable wait: a timer row, no worker is held. Its input has `duration`. */
export interface TimerSpec {
  readonly kind: "timer";
}

/** A question to a person: an inquiry waits for the answer, no worker is held. Its input is that of `core.ask`. */
export interface AskSpec {
  readonly kind: "ask";
}

/** A child run of a workflow of the same pack: no worker is held. The action's `ref` and `input` are the workflow's. */
export interface WorkflowSpec {
  readonly kind: "workflow";
}

export type RunnerSpec =
  | ProcessSpec
  | AgentSpec
  | CoreSpec
  | LogSpec
  | HttpSpec
  | McpSpec
  | TrackerSpec
  | TimerSpec
  | AskSpec
  | WorkflowSpec;

/** The smallest callable thing. */
export interface ActionDefinition {
  readonly ref: string;
  readonly runner: RunnerSpec;
  /** Folder of the pack inside the pinned content, by pack digest; undefined for built-in actions. */
  readonly packDigest?: string;
  /** Names of the secrets that an attempt is given when it begins; they are in no input that is stored. */
  readonly secrets?: readonly string[];
  readonly input: Validator;
  readonly output?: Validator;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly queue?: QueueUse;
  /** 1 is admitted first, 9 last; absent: DEFAULT_PRIORITY. */
  readonly priority?: number;
  /** Renders what `targetOf` reads: the nodes that may carry it out; absent: a worker does. */
  readonly on?: Template;
  /** Renders what its receivers know the work by; absent: the run's id and the slot. */
  readonly idempotencyKey?: Template;
  /**
   * `on_lost: check`: run before any attempt but the first, with the same input. It prints whether the work is done
   * already: `{ "done": true, "output": … }` ends the attempt with that output, `{ "done": false }` lets it go on.
   */
  readonly check?: ProcessSpec;
  /** `on_lost: ask`: a person decides before an attempt that follows one whose worker died. */
  readonly asksOnLost?: true;
}

/** Whether what a runner of this kind starts has all of its input at once: it may be on a node, and be given files. */
export function startsProcess(kind: RunnerSpec["kind"]): kind is "process" | "agent" {
  return kind === "process" || kind === "agent";
}

/** Whether an attempt of it is a process of the worker's: it takes a place of one. */
export function takesProcess(runner: RunnerSpec): boolean {
  return startsProcess(runner.kind) || (runner.kind === "mcp" && runner.command !== undefined);
}

/** Whether a success of the action hands files back. */
export function givesFiles({ runner }: Pick<ActionDefinition, "runner">): boolean {
  return "files" in runner && runner.files !== undefined;
}

/** Which lane a step's attempts are admitted through, and under which key. */
export interface QueueUse {
  readonly name: string;
  /** Text by which the queue's per-key limit and FIFO order tell its users apart. */
  readonly key?: Template;
}

export interface StepDefinition {
  readonly id: string;
  /** Ids of the steps of its list that must be final before this one is judged; those that jump to it are among them. */
  readonly needs: readonly string[];
  readonly condition?: Expression;
  readonly forEach?: ForEach;
  readonly repeat?: RepeatPolicy;
  readonly action: ActionDefinition;
  /** The action's input. */
  readonly with: Template;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly queue?: QueueUse;
  /** 1 is admitted first, 9 last; absent: DEFAULT_PRIORITY. */
  readonly priority?: number;
  /** The nodes that may carry it out (see ActionDefinition). */
  readonly on?: Template;
  /** What its receivers know the work by (see ActionDefinition). */
  readonly idempotencyKey?: Template;
  /** Renders what `fileUsesOf` reads: files of earlier steps that are put into the work folder. */
  readonly files?: Template;
  /** The variable that takes the step's output. */
  readonly saveAs?: string;
  readonly onError: OnError;
  /** Called for each success of the step when the run does not succeed: a step of its own, which needs none. */
  readonly undo?: StepDefinition;
}

export interface ForEach {
  readonly items: Expression;
  readonly concurrency: number;
  /** Items in a group: `item` is a list of at most as many. Absent: each item goes by itself. */
  readonly batch?: number;
}

/** The action again and again, `delayMs` after each round, until the expression holds; at most `max` rounds. */
export interface RepeatPolicy {
  readonly until: Expression;
  readonly max: number;
  readonly delayMs: number;
}

/** What a failed step means: the run fails, it goes on all the same, or it goes on at the step that handles this. */
export type OnError = "fail" | "continue" | { readonly step: string };

/** A graph of steps. A run of a single action is the workflow that `actionAsWorkflow` makes of it. */
export interface WorkflowDefinition {
  readonly ref: string;
  readonly kind: "workflow" | "action";
  readonly input: Validator;
  /** A map: the variables that are there from the start. */
  readonly vars?: Template;
  /** In the order of the file: every step stands after those it needs. */
  readonly steps: readonly StepDefinition[];
  readonly output?: Template;
  /** From the start of the run to the end of its `steps`. */
  readonly timeoutMs?: number;
  /** Run when the run has failed or timed out, after what was done is undone. */
  readonly onFailure?: readonly StepDefinition[];
  /** Run last, whatever became of the run. */
  readonly finally?: readonly StepDefinition[];
}

/** Most items that one for_each may hold. */
export const MAX_ITEMS = 10_000;
/** Attempts of one for_each that wait or run at once where it does not say `concurrency`. */
export const DEFAULT_ITEM_CONCURRENCY = 100;
/** Rounds of a `repeat` that does not say `max`. */
export const DEFAULT_ROUNDS = 100;
export const DEFAULT_PRIORITY = 5;
export const NO_RETRY: RetryPolicy = {
  attempts: 1,
  backoff: "constant",
  delayMs: 0,
  maxDelayMs: 0,
  jitter: 0,
};
