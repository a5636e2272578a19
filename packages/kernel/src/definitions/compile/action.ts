import type { JsonSchema } from "../../schema/index.ts";
import { type ActionDefinition, NO_RETRY } from "../definition.ts";
import type { Report } from "../problem.ts";
import { didYouMean, type Fields } from "./fields.ts";
import { DEFAULT_TIMEOUT_MS } from "./limits.ts";
import { type Queues, readQueueUse, readRetry, readTimeoutMs } from "./policies.ts";
import { PROCESS_KEYS, readProcess } from "./process.ts";
import { readInput, readOutput } from "./schemas.ts";
import { visibleInput } from "./visible.ts";

export const ACTION_KEYS = [
  "action",
  "description",
  "runner",
  ...PROCESS_KEYS,
  "input",
  "input_schema",
  "output",
  "output_schema",
  "timeout",
  "retry",
  "queue",
];

export interface ActionContext {
  readonly packDigest: string;
  readonly files: ReadonlySet<string>;
  readonly queues: Queues;
}

/** The definition where all of it could be read; what could not is reported. */
export function readAction(
  ref: string,
  fields: Fields,
  context: ActionContext,
  report: Report,
): ActionDefinition | undefined {
  if (!checkRunner(fields, report)) return undefined;
  const input = readInput(fields, report);
  const output = readOutput(fields, report);
  const hasOutput = fields.has("output") || fields.has("output_schema");
  const runner = readProcess(fields, hasOutput, context.files, report);
  const timeoutMs = readTimeoutMs(fields);
  const retry = readRetry(fields, report);
  const visible = visibleInput(input?.schema ?? true);
  const queue = readQueueUse(fields, context.queues, visible, report);
  if (input === undefined || runner === undefined) return undefined;
  return {
    ref,
    runner,
    packDigest: context.packDigest,
    input,
    ...(output === undefined ? {} : { output }),
    timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retry: retry ?? NO_RETRY,
    ...(queue === undefined ? {} : { queue }),
  };
}

/** The type of an action's output for the expressions that read it. */
export function outputSchema(action: ActionDefinition): JsonSchema {
  if (action.output !== undefined) return action.output.schema;
  if (action.runner.kind !== "process" || action.runner.output === "json") return true;
  return { type: action.runner.output === "text" ? "string" : "null" };
}

function checkRunner(fields: Fields, report: Report): boolean {
  const runner = fields.requiredText("runner");
  if (runner === "process" || runner === undefined) return runner !== undefined;
  const node = fields.get("runner");
  const hint = didYouMean(runner, ["process"]) ?? "the runner there is is process";
  report(node?.place ?? fields.place, `there is no runner "${runner}"`, hint);
  return false;
}
