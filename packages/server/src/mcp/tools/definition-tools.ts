import { toolNameOf } from "@yardmaster/kernel";
import { AppError, isAppError, runSchema } from "@yardmaster/protocol";
import { STARTS_WORK, startAndWait } from "./run-tools.ts";
import type { JsonSchema, Tool } from "./tool.ts";
import { toolSchemaOf } from "./tool-schema.ts";
import type { WaitForEnd } from "./wait-for-run.ts";

/** An action or a workflow that says `as_tool: true`. */
export interface ToolDefinition {
  readonly ref: string;
  readonly kind: "action" | "workflow";
  readonly description: string | undefined;
  readonly inputSchema: JsonSchema | boolean;
}

/** Of the run, where it does not end sooner. */
const WAIT_S = 20;
const OUTPUT = toolSchemaOf(runSchema, "output");

/** A tool of a pack: its arguments are the input of a run. */
export function definitionTool(definition: ToolDefinition, waitForEnd: WaitForEnd): Tool {
  const { ref, kind, description, inputSchema } = definition;
  const words = description ?? `Runs the ${kind} ${ref}.`;
  return {
    // No name of ours has two underscores.
    name: toolNameOf(ref),
    title: ref,
    description: `${words} Starts a durable run of ${ref} and waits up to ${WAIT_S} seconds for its end; get_run waits longer.`,
    inputSchema: { type: "object", ...(typeof inputSchema === "object" && inputSchema) },
    outputSchema: OUTPUT,
    annotations: STARTS_WORK,
    scopes: ["runs:write"],
    async call(args, call) {
      try {
        const started = { ref, input: args, key: undefined };
        return await startAndWait(started, WAIT_S, { waitForEnd, call });
      } catch (error) {
        throw isAppError(error) ? asArguments(error) : error;
      }
    },
  };
}

/** What is wrong with the input of the run is wrong with an argument. */
function asArguments({ code, message, errors }: AppError): AppError {
  const places = errors.map((one) => ({ ...one, path: one.path.replace(/^\/input(?=\/|$)/, "") }));
  return new AppError(code, message, { errors: places });
}
