import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { MAX_CONCURRENCY, MAX_ROUNDS, MAX_STEPS } from "../compile/fields/limits.ts";
import { MAX_NAME, STEP_ID } from "../compile/fields/names.ts";
import { REPEAT_KEYS } from "../compile/workflow/loops.ts";
import { CALL_KEYS, STEP_KEYS } from "../compile/workflow/step.ts";
import { WORKFLOW_KEYS } from "../compile/workflow/workflow.ts";
import { CORE_ACTIONS } from "../core-pack.ts";
import { DEFAULT_ITEM_CONCURRENCY, DEFAULT_ROUNDS, MAX_ITEMS } from "../definition.ts";
import { closedMap, type Key, key, onlyOneOf, without } from "./closed-map.ts";
import { fieldKeys } from "./fields.ts";
import {
  AS_TOOL,
  CONDITION,
  DESCRIPTION,
  DURATION,
  EXPRESSION_PART,
  FILE_USE,
  IDEMPOTENCY_KEY,
  ON,
  PRIORITY,
  QUEUE_USE,
  REF,
  RETRY,
  TEXT,
  WITH,
} from "./shared.ts";
import { withExpressions } from "./with-expressions.ts";

const STEP_NAME: JsonObject = { type: "string", pattern: STEP_ID.source, maxLength: MAX_NAME };

const CALL: { readonly [name: string]: Key } = {
  uses: key("The action or workflow that is called: one of this pack, or core's.", {
    anyOf: [{ enum: [...CORE_ACTIONS.keys()] }, REF],
  }),
  with: key("The input of what is called; takes ${{ }}.", WITH),
  files: key("Files of steps before that are put into its work folder, for processes.", FILE_USE),
  retry: key("How a failed attempt is tried again; the action's own where it is left out.", RETRY),
  timeout: key("Time of one attempt.", DURATION),
  queue: key("The lane that attempts are admitted through.", QUEUE_USE),
  priority: key("1 is admitted first, 9 last.", PRIORITY),
  idempotency_key: key(
    "What receivers know the work by, in place of the run's id and the step's; takes ${{ }}.",
    IDEMPOTENCY_KEY,
  ),
  on: key("The nodes that carry it out, for processes; the action's own where it is left out.", ON),
};

const STEP: { readonly [name: string]: Key } = {
  id: key("The step's name, by which expressions speak of it: steps.<id>.", STEP_NAME),
  description: key("What the step is for."),
  ...CALL,
  needs: key("Steps that are to be final before; the one before it in the file if left out.", {
    anyOf: [STEP_NAME, { type: "array", items: STEP_NAME }],
  }),
  if: key("An expression; where it does not hold, the step is skipped.", CONDITION),
  for_each: key("An expression that gives a list: the step is done for each item.", TEXT),
  concurrency: key("Items at once.", {
    type: "integer",
    minimum: 1,
    maximum: MAX_CONCURRENCY,
    default: DEFAULT_ITEM_CONCURRENCY,
  }),
  batch: key("Items in a group: item is then a list of at most so many.", {
    type: "integer",
    minimum: 1,
    maximum: MAX_ITEMS,
  }),
  repeat: key("The step again and again, until a condition holds.", {
    ...closedMap({
      keys: REPEAT_KEYS,
      required: ["until"],
      of: {
        until: key(
          "The condition that ends it; sees the step's own latest output as steps.<id>.output.",
          CONDITION,
        ),
        max: key("Rounds at most.", {
          type: "integer",
          minimum: 1,
          maximum: MAX_ROUNDS,
          default: DEFAULT_ROUNDS,
        }),
        delay: key("The wait after each round.", { ...DURATION, default: "0s" }),
      },
    }),
  }),
  save_as: key("The variable that takes the step's output: vars.<name>.", STEP_NAME),
  on_error: key("What its failure means: fail, continue, or the step that handles it.", {
    anyOf: [{ enum: ["fail", "continue"] }, STEP_NAME],
  }),
  undo: key("Called for each success of the step when the run does not succeed.", {
    $ref: "#/$defs/call",
  }),
};

const CORE_INPUTS: JsonObject = { $ref: "#/$defs/core_inputs" };

export const WORKFLOW_DEFS: { readonly [name: string]: JsonObject } = {
  call: {
    ...closedMap({ keys: CALL_KEYS, of: CALL, required: ["uses"] }),
    allOf: [CORE_INPUTS],
  },
  step: {
    ...closedMap({ keys: STEP_KEYS, of: STEP, required: ["id", "uses"] }),
    dependentRequired: { concurrency: ["for_each"], batch: ["for_each"] },
    dependentSchemas: onlyOneOf(["for_each", "repeat"]),
    allOf: [CORE_INPUTS],
  },
  core_inputs: { allOf: coreCalls() },
  cleanup_step: {
    ...closedMap({
      keys: STEP_KEYS,
      of: {
        ...STEP,
        on_error: key("Whether its failure fails the cleanup.", { enum: ["fail", "continue"] }),
      },
      required: ["uses"],
    }),
    dependentRequired: { concurrency: ["for_each"], batch: ["for_each"] },
    dependentSchemas: onlyOneOf(["for_each", "repeat"]),
    allOf: [CORE_INPUTS, without(["undo"])],
  },
};

export function workflowSchema(): JsonObject {
  return {
    ...closedMap({
      keys: WORKFLOW_KEYS,
      required: ["workflow", "steps"],
      of: {
        workflow: key("The workflow's name: <pack>.<name>.", REF),
        description: DESCRIPTION,
        as_tool: AS_TOOL,
        ...fieldKeys("input"),
        vars: key("Variables that are there from the start; takes ${{ }}.", {
          type: "object",
          propertyNames: STEP_NAME,
        }),
        steps: key("What is done.", listOf("step")),
        on_failure: key(
          "What is done when the run has failed or timed out.",
          listOf("cleanup_step"),
        ),
        finally: key("What is done last, whatever became of the run.", listOf("cleanup_step")),
        output: key("The output of a run; takes ${{ }}."),
        timeout: key("Time of a run, from its start to the end of its steps.", DURATION),
        priority: key("For steps that do not say one: 1 is admitted first, 9 last.", PRIORITY),
      },
    }),
    dependentSchemas: onlyOneOf(["input", "input_schema"]),
  };
}

function listOf(step: string): JsonObject {
  return {
    type: "array",
    minItems: 1,
    maxItems: MAX_STEPS,
    items: { $ref: `#/$defs/${step}` },
  };
}

/** The inputs of what is built in, so that editors complete them. */
function coreCalls(): JsonObject[] {
  return [...CORE_ACTIONS.values()].flatMap(({ ref, input }) => {
    if (!isJsonObject(input.schema) || input.schema["properties"] === undefined) return [];
    const needsInput = Array.isArray(input.schema["required"]);
    const given = withExpressions(input.schema) as JsonObject;
    return [
      {
        if: { properties: { uses: { const: ref } }, required: ["uses"] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: {
          properties: { with: wholeExpression(given) },
          ...(needsInput ? { required: ["with"] } : {}),
        },
      },
    ];
  });
}

/** A `with` as a whole is one expression only where it begins with it. */
function wholeExpression(given: JsonObject): JsonObject {
  const [map] = given["anyOf"] as JsonObject[];
  return { anyOf: [map as JsonObject, { type: "string", pattern: `^${EXPRESSION_PART}` }] };
}
