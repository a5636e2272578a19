import { type JsonObject, SECRET_NAME } from "@yardmaster/protocol";
import { ACTION_KEYS, type ActionRunner, RUNNERS } from "../compile/action/action.ts";
import { HTTP_KEYS } from "../compile/action/http.ts";
import { START_KEYS, STARTS } from "../compile/action/process.ts";
import { MAX_SECRETS } from "../compile/action/secrets.ts";
import { OUTPUT_FORMATS } from "../definition.ts";
import { HTTP_FIELDS } from "../http-request.ts";
import { AGENT_ACTION } from "./agent.ts";
import { closedMap, type Key, key, onlyOneOf, without } from "./closed-map.ts";
import { fieldKeys } from "./fields.ts";
import { MCP_ACTION } from "./mcp.ts";
import {
  AS_TOOL,
  COMMAND,
  DESCRIPTION,
  DURATION,
  ENV,
  EXPRESSION_PART,
  IDEMPOTENCY_KEY,
  LITERAL_TEXT,
  LITERALS,
  ON,
  PRIORITY,
  QUEUE_USE,
  REF,
  RETRY,
  TEXT,
} from "./shared.ts";
import { withExpressions } from "./with-expressions.ts";

export const START: { readonly [name: string]: Key } = {
  entry: key("A file of the pack; its extension names the interpreter.", LITERAL_TEXT),
  command: key("Program and arguments; no shell looks at them.", COMMAND),
  script: key("A text that the shell runs.", TEXT),
  shell: key("What runs the script, with its flags, split at spaces.", {
    type: "string",
    pattern: "^[^\"'`\\\\]*[^\"'`\\\\\\s][^\"'`\\\\]*$",
    not: { pattern: EXPRESSION_PART },
    default: "/bin/sh -eu",
  }),
  args: key("Arguments for the entry.", LITERALS),
  env: ENV,
  cwd: key("Where it runs: the folder of the pack, or one of its own that is removed after it.", {
    enum: ["pack", "work"],
    default: "pack",
  }),
  input_as: key("How the input comes: on stdin, or in the file that YARD_INPUT_FILE names.", {
    enum: ["stdin", "file"],
    default: "stdin",
  }),
};

const PROBE: JsonObject = {
  ...closedMap({ keys: START_KEYS, of: START }),
  oneOf: STARTS.map((name) => ({ required: [name] })),
  dependentRequired: { shell: ["script"] },
};

const RUNNER_NAMES = Object.keys(RUNNERS) as ActionRunner[];

const HTTP_WORDS: { readonly [name: string]: string } = {
  method: "The method of the request.",
  url: "The whole address; values of an input belong into query.",
  headers: "Headers of the request; null leaves one out.",
  query: "Added to that of the URL; a list repeats its name, null leaves it out.",
  body: "The body: a text as it is, anything else as JSON.",
  json: "The body, as JSON.",
  form: "The body, as a form.",
  expect: "Statuses that are a success: 201, 2xx, or a list of them.",
  redirects: "How many redirects are followed.",
};

const ADDRESS: JsonObject = {
  type: "string",
  pattern: `^(?:[hH][tT][tT][pP][sS]?://|${EXPRESSION_PART})`,
};

const HTTP: { readonly [name: string]: Key } = Object.fromEntries(
  HTTP_KEYS.map((name) => {
    const schema = withExpressions(HTTP_FIELDS[name] ?? true);
    const own = name === "url" ? ADDRESS : typeof schema === "object" ? schema : {};
    return [name, key(HTTP_WORDS[name] ?? "", own as JsonObject)];
  }),
);

const SECRETS: Key = key(
  "Secrets that an attempt is given: a process in its input, under secrets; a request or a call of a tool as ${{ secrets.NAME }}.",
  {
    type: "array",
    items: { type: "string", pattern: SECRET_NAME.source },
    maxItems: MAX_SECRETS,
    uniqueItems: true,
  },
);

export function actionSchema(): JsonObject {
  const map = closedMap({
    keys: ACTION_KEYS,
    required: ["action", "runner"],
    of: {
      action: key("The action's name: <pack>.<name>.", REF),
      description: DESCRIPTION,
      as_tool: AS_TOOL,
      runner: key("What carries it out.", { enum: [...RUNNER_NAMES] }),
      ...START,
      stdout: key("What stdout is; json where an output is declared, else text.", {
        enum: [...OUTPUT_FORMATS],
      }),
      ...HTTP,
      ...AGENT_ACTION,
      ...MCP_ACTION,
      secrets: SECRETS,
      ...fieldKeys("input"),
      ...fieldKeys("output"),
      timeout: key(
        "Time of one attempt: 5m for a process or a tool, 30s for http, 30m for an agent.",
        DURATION,
      ),
      retry: key("How a failed attempt is tried again; a step may say otherwise.", RETRY),
      queue: key("The lane that attempts are admitted through.", QUEUE_USE),
      priority: key("1 is admitted first, 9 last; 5 where nobody says.", PRIORITY),
      on: key(
        "The nodes that carry it out, for processes and agents; left out, a worker does.",
        ON,
      ),
      idempotency_key: key(
        "What receivers know the work by, in place of the run's id and the step's; takes ${{ input.… }}.",
        IDEMPOTENCY_KEY,
      ),
      on_lost: key("What follows when the worker of an attempt died.", {
        enum: ["repeat", "check", "ask"],
        default: "repeat",
      }),
      check: key(
        'For on_lost: check. Prints {"done": true, "output": …} where the work is done already.',
        PROBE,
      ),
    },
  });
  return {
    ...map,
    allOf: [...RUNNER_NAMES.map(keysOfRunner), probeRule()],
    dependentRequired: { shell: ["script"], check: ["on_lost"] },
    dependentSchemas: {
      ...onlyOneOf(["body", "json", "form"]),
      ...onlyOneOf(["input", "input_schema"]),
      ...onlyOneOf(["output", "output_schema"]),
      ...onlyOneOf(["check", "files"]),
    },
  };
}

const NEEDS: { readonly [R in ActionRunner]: JsonObject } = {
  process: { oneOf: STARTS.map((name) => ({ required: [name] })) },
  http: { required: ["url"] },
  mcp: { required: ["server", "tool"] },
  agent: { required: ["agent", "prompt"] },
};

/** An action has only the keys of its own runner, and what that one cannot do without. */
function keysOfRunner(runner: ActionRunner): JsonObject {
  const own = RUNNERS[runner];
  const others = Object.values(RUNNERS)
    .flat()
    .filter((name) => !own.includes(name));
  return {
    if: { properties: { runner: { const: runner } }, required: ["runner"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { ...without(others), ...NEEDS[runner] },
  };
}

function probeRule(): JsonObject {
  return {
    if: { properties: { on_lost: { const: "check" } }, required: ["on_lost"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ["check"] },
    else: without(["check"]),
  };
}
