import { compileValidator, type JsonSchema } from "../schema/index.ts";
import { DEFAULT_TIMEOUT_MS } from "./compile/fields/limits.ts";
import {
  type ActionDefinition,
  NO_RETRY,
  type RetryPolicy,
  type RunnerSpec,
} from "./definition.ts";
import { DEFAULT_HTTP_TIMEOUT_MS, HTTP_REQUEST, HTTP_RESPONSE_FIELDS } from "./http-request.ts";
import { ASK_INPUT } from "./question.ts";
import { TRACKER_ACTIONS, TRACKER_VERBS } from "./tracker-action.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_INPUT: JsonSchema = {
  type: "object",
  properties: {
    text: { type: "string" },
    level: { type: "string", enum: [...LOG_LEVELS], default: "info" },
  },
  required: ["text"],
  additionalProperties: false,
};

/** They know what they have done before; a forge that has been asked too much says for how long. */
const TRACKER_RETRY: RetryPolicy = {
  attempts: 5,
  backoff: "exponential",
  delayMs: 1_000,
  maxDelayMs: 900_000,
  jitter: 0.2,
};

/**
 * The built-in pack `core`. It has no folder and no digest: its actions have no code beside the server's own,
 * and what they do is part of the server's contract.
 */
export const CORE_ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [
    coreAction("core.echo", { kind: "core", name: "echo" }, { type: "object" }, { type: "object" }),
    coreAction("core.set", { kind: "core", name: "set" }, { type: "object" }, { type: "object" }),
    coreAction("core.noop", { kind: "core", name: "noop" }, { type: "object" }),
    coreAction(
      "core.fail",
      { kind: "core", name: "fail" },
      required("message", { type: "string" }),
    ),
    coreAction("core.log", { kind: "log" }, LOG_INPUT, { type: "null" }),
    {
      ...coreAction("core.http", { kind: "http" }, HTTP_REQUEST.schema, {
        type: "object",
        properties: HTTP_RESPONSE_FIELDS,
      }),
      timeoutMs: DEFAULT_HTTP_TIMEOUT_MS,
    },
    coreAction("core.ask", { kind: "ask" }, ASK_INPUT, { type: "object" }),
    coreAction(
      "core.sleep",
      { kind: "timer" },
      required("duration", { type: "string", format: "duration" }),
    ),
    ...TRACKER_VERBS.map((verb): ActionDefinition => {
      const { input, output } = TRACKER_ACTIONS[verb];
      const action = coreAction(`core.tracker_${verb}`, { kind: "tracker", verb }, input, output);
      return { ...action, timeoutMs: DEFAULT_HTTP_TIMEOUT_MS, retry: TRACKER_RETRY };
    }),
  ].map((action) => [action.ref, action]),
);

function required(name: string, schema: JsonSchema): JsonSchema {
  const properties = { [name]: schema };
  return { type: "object", properties, required: [name], additionalProperties: false };
}

function coreAction(
  ref: string,
  runner: RunnerSpec,
  input: JsonSchema,
  output?: JsonSchema,
): ActionDefinition {
  return {
    ref,
    runner,
    input: compileValidator(input),
    ...(output === undefined ? {} : { output: compileValidator(output) }),
    timeoutMs: DEFAULT_TIMEOUT_MS,
    retry: NO_RETRY,
  };
}
