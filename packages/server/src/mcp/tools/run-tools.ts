import {
  AppError,
  isAppError,
  isJsonObject,
  type JsonObject,
  type Run,
  runSchema,
} from "@yardmaster/protocol";
import { MCP_ORIGIN, ORIGIN_HEADER } from "../../runs/index.ts";
import type { ApiCall } from "../api-call.ts";
import { KEY_ARGUMENT, KEY_SCHEMA, refuseUnknown, segmentOf, textOf } from "./route-arguments.ts";
import type { JsonSchema, Tool, ToolAnswer, ToolCall } from "./tool.ts";
import { toolSchemaOf } from "./tool-schema.ts";
import { MAX_WAIT_S, nextOfRun, type WaitForEnd, waitForRun } from "./wait-for-run.ts";

/** What a run may reach nobody knows who did not write it. */
export const STARTS_WORK = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
} as const;

const WAIT: JsonSchema = {
  type: "number",
  minimum: 0,
  maximum: MAX_WAIT_S,
  description: `Seconds to wait for its end, at most ${MAX_WAIT_S}; 0 answers at once. It answers sooner where the run ends, or asks a person something.`,
};
const OUTPUT = toolSchemaOf(runSchema, "output");
/** Of `start_run`, where the caller does not say. */
const START_WAIT_S = 20;

const ORIGIN = { [ORIGIN_HEADER]: MCP_ORIGIN };

/** `start_run`: any action or workflow by its ref. */
export function startRunTool(waitForEnd: WaitForEnd): Tool {
  const properties: Record<string, JsonSchema> = {
    ref: {
      type: "string",
      description: "What to run, as list_actions and list_workflows name it: `<pack>.<name>`.",
    },
    input: {
      type: "object",
      description:
        "Its input, as the input_schema that get_action or get_workflow shows; {} where left out.",
    },
    wait_seconds: { ...WAIT, default: START_WAIT_S },
    [KEY_ARGUMENT]: KEY_SCHEMA,
  };
  return {
    name: "start_run",
    title: "Start a run",
    description:
      "Starts a durable run of an action or a workflow, and waits for its end for up to wait_seconds. Gives the run: status success with its output, failed with its error, or queued, running or waiting, where it goes on by itself after the answer. The input is checked first; what is wrong with it is told by field.",
    inputSchema: { type: "object", properties, required: ["ref"] },
    outputSchema: OUTPUT,
    annotations: STARTS_WORK,
    scopes: ["runs:write"],
    call(args, call) {
      for (const name of Object.keys(args)) refuseUnknown(name, Object.keys(properties));
      const { ref, input, wait_seconds, [KEY_ARGUMENT]: key } = args;
      return startAndWait(
        { ref, input: inputOf(input), key },
        waitSeconds(wait_seconds, START_WAIT_S),
        { waitForEnd, call },
      );
    },
  };
}

/** `get_run`. */
export function getRunTool(waitForEnd: WaitForEnd): Tool {
  const properties: Record<string, JsonSchema> = {
    id: { type: "string", format: "uuid", description: "The id of the run." },
    wait_seconds: { ...WAIT, default: 0 },
  };
  return {
    name: "get_run",
    title: "Show a run",
    description:
      "Shows one run: its status, its input, and its output or its error once it has ended; with wait_seconds it waits for that. A reason says why a run does not move.",
    inputSchema: { type: "object", properties, required: ["id"] },
    outputSchema: OUTPUT,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    scopes: ["runs:read"],
    async call(args, call) {
      for (const name of Object.keys(args)) refuseUnknown(name, Object.keys(properties));
      const seconds = waitSeconds(args["wait_seconds"], 0);
      const look = () => runOf(call.api, args["id"]);
      const run = await waitForRun(await look(), { seconds, waitForEnd, look }, call);
      return answerOf(run);
    },
  };
}

export interface Started {
  readonly ref: unknown;
  readonly input: unknown;
  readonly key: unknown;
}

/** A token that may start runs and not read them is told of the end of its own, as by `POST /v1/runs`. */
export async function startAndWait(
  { ref, input, key: given }: Started,
  seconds: number,
  { waitForEnd, call }: { readonly waitForEnd: WaitForEnd; readonly call: ToolCall },
): Promise<ToolAnswer> {
  const { api } = call;
  const key = given ?? call.key;
  const headers = { ...ORIGIN, ...(key !== undefined && { "idempotency-key": textOf(key) }) };
  const started = await api({ method: "POST", path: "/v1/runs", headers, body: { ref, input } });
  const born = started.body as Run;
  const look = () => runOf(api, born.id).catch(unlessForbidden);
  return answerOf(await waitForRun(born, { seconds, waitForEnd, look }, call));
}

async function runOf(api: ApiCall, id: unknown): Promise<Run> {
  return (await api({ method: "GET", path: `/v1/runs/${segmentOf("id", id)}` })).body as Run;
}

function unlessForbidden(error: unknown): undefined {
  if (!isAppError(error) || error.code !== "forbidden") throw error;
}

function answerOf(run: Run): ToolAnswer {
  // What matters first, for who reads no further.
  const { id, ref, status, reason, error, output, ...rest } = run;
  const value = { id, ref, status, reason, error, output, ...rest };
  return { value, next: nextOfRun(run), whole: `GET /v1/runs/${run.id}` };
}

/** Some models write a map as the text of one. */
function inputOf(input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    const read = JSON.parse(input) as unknown;
    return isJsonObject(read as JsonObject) ? read : input;
  } catch {
    return input;
  }
}

/** @throws AppError `invalid_request` */
function waitSeconds(given: unknown, fallback: number): number {
  if (given === undefined) return fallback;
  if (typeof given === "number" && given >= 0 && given <= MAX_WAIT_S) return given;
  const expected = `a number of 0 to ${MAX_WAIT_S}`;
  throw new AppError("invalid_request", `wait_seconds must be ${expected}`, {
    errors: [
      {
        path: "/wait_seconds",
        message: "is no time that can be waited",
        expected,
        got: String(JSON.stringify(given)),
      },
    ],
  });
}
