import type { JsonSchema, Validator } from "../../../schema/index.ts";
import { type ActionDefinition, NO_RETRY } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { didYouMeanRef } from "../fields/did-you-mean.ts";
import type { Fields } from "../fields/fields.ts";

/**
 * An action or workflow as its callers see it. Of a broken one there is what could be read: they are checked against
 * that, and not to blame for the rest.
 */
export interface Callee {
  readonly ref: string;
  /** Absent where it is broken. */
  readonly input?: Validator;
  /** The type of its output for the expressions that read it. */
  readonly output: JsonSchema;
  /** Absent where not all that a call needs could be read. */
  readonly action?: ActionDefinition;
}

export type Callees = ReadonlyMap<string, Callee>;

/** What the ref under `key` names; undefined where nothing has that name, which is reported. */
export function readCallee(
  fields: Fields,
  key: "uses" | "run",
  callees: Callees,
  report: Report,
): Callee | undefined {
  const ref = fields.requiredText(key, "an action or a workflow: PACK.NAME, or one of core's");
  if (ref === undefined) return undefined;
  const callee = callees.get(ref);
  if (callee === undefined) {
    const calls = key === "uses" ? "a step uses" : "a rule or task runs";
    const hint =
      didYouMeanRef(ref, callees.keys()) ??
      `${calls} actions and workflows of its own pack, and core's actions`;
    const place = fields.get(key)?.place ?? fields.place;
    report(place, `there is no action or workflow "${ref}"`, hint);
  }
  return callee;
}

export function actionCallee(action: ActionDefinition): Callee {
  return { ref: action.ref, input: action.input, output: outputSchema(action), action };
}

/** `input` is undefined where the workflow's is broken. */
export function workflowCallee(ref: string, input: Validator | undefined): Callee {
  if (input === undefined) return { ref, output: true };
  // A child run has no time of its own here: its workflow says its `timeout`.
  const action = {
    ref,
    runner: { kind: "workflow" },
    input,
    timeoutMs: 0,
    retry: NO_RETRY,
  } as const;
  return { ref, input, output: true, action };
}

function outputSchema({ output, runner }: ActionDefinition): JsonSchema {
  if (output !== undefined) return output.schema;
  if (runner.kind !== "process") return true;
  switch (runner.output) {
    case "text":
      return { type: "string" };
    case "jsonl":
      return { type: "array" };
    case "none":
      return { type: "null" };
    default:
      return true;
  }
}
