import { compileValidator, type JsonSchema } from "../schema/index.ts";
import { DEFAULT_TIMEOUT_MS } from "./compile/limits.ts";
import { type ActionDefinition, NO_RETRY, type RunnerSpec } from "./definition.ts";

/**
 * The built-in pack `core`. It has no folder and no digest: its actions have no code beside the server's own,
 * and what they do is part of the server's contract.
 */
export const CORE_ACTIONS: ReadonlyMap<string, ActionDefinition> = new Map(
  [
    coreAction("core.echo", { kind: "core", name: "echo" }, { type: "object" }, { type: "object" }),
    coreAction("core.noop", { kind: "core", name: "noop" }, { type: "object" }),
    coreAction(
      "core.fail",
      { kind: "core", name: "fail" },
      required("message", { type: "string" }),
    ),
    coreAction(
      "core.sleep",
      { kind: "timer" },
      required("duration", { type: "string", format: "duration" }),
    ),
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
