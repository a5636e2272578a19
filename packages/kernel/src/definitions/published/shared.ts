import { type JsonObject, SECRET_NAME, STEP_FILE_LIMITS } from "@yardmaster/protocol";
import { FILE_USE_KEYS } from "../compile/calls/files.ts";
import { ON_KEYS } from "../compile/calls/on.ts";
import { BACKOFFS, QUEUE_USE_KEYS, RETRY_KEYS } from "../compile/calls/policies.ts";
import { MAX_ATTEMPTS } from "../compile/fields/limits.ts";
import { MAX_NAME, NAME } from "../compile/fields/names.ts";
import { SECRET_KEYS } from "../compile/fields/secret-place.ts";
import { closedMap, type Key, key } from "./closed-map.ts";

/** What occurs in more than one kind of file. Objects, not references, where a description is to stand beside them. */

export const EXPRESSION_PART = "\\$\\{\\{";

/** What is passed on as it stands: an expression here would be too. */
export const LITERAL: JsonObject = { type: "string", not: { pattern: EXPRESSION_PART } };
export const LITERAL_TEXT: JsonObject = { ...LITERAL, minLength: 1 };

export const TEXT: JsonObject = { type: "string", minLength: 1 };
export const FLAG: JsonObject = { type: "boolean" };
/** No `format`: there `duration` is ISO 8601's `PT1H30M`. */
export const DURATION: JsonObject = {
  type: "string",
  pattern: "^(?:0|(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d|w))+)$",
  examples: ["30s", "1h30m", "500ms"],
};
/** true and false are expressions too. */
export const CONDITION: JsonObject = { type: ["string", "boolean"], minLength: 1 };
export const REF: JsonObject = {
  type: "string",
  pattern: `^${bare(NAME)}\\.${bare(NAME)}$`,
};
export const OWN_NAME: JsonObject = { type: "string", pattern: NAME.source, maxLength: MAX_NAME };
/** One without an expression would be the same for every run. */
export const IDEMPOTENCY_KEY: JsonObject = { type: "string", pattern: EXPRESSION_PART };
export const PRIORITY: JsonObject = { type: "integer", minimum: 1, maximum: 9 };
export const WITH: JsonObject = {
  anyOf: [{ type: "object" }, { type: "string", pattern: `^${EXPRESSION_PART}` }],
};

/** Keys that every kind, or more than one kind, describes alike. */
export const DESCRIPTION: Key = key("What it is for, in a sentence or two.", TEXT);
export const AS_TOOL: Key = key(
  "Whether it is a tool of its own for MCP clients, with its input as arguments; needs a description.",
  { ...FLAG, default: false },
);

export const LITERALS: JsonObject = { type: "array", items: LITERAL };
export const COMMAND: JsonObject = {
  type: "array",
  minItems: 1,
  prefixItems: [LITERAL_TEXT],
  items: LITERAL,
};
export const ENV: Key = key("Variables beside PATH, HOME and the locale. Never secrets.", {
  type: "object",
  additionalProperties: LITERAL,
});

export const HANDED_BACK: Key = key(
  "Names and globs of files in its work folder that a success hands back.",
  { type: "array", minItems: 1, maxItems: STEP_FILE_LIMITS.globs, items: LITERAL_TEXT },
);

export const SECRET_PLACE: JsonObject = {
  ...closedMap({
    keys: SECRET_KEYS,
    of: {
      secret: key("Its name among the secrets of the installation (yard secrets).", {
        type: "string",
        pattern: SECRET_NAME.source,
      }),
      env: key("The variable of the server's environment that holds it.", TEXT),
      file: key("The file that holds it.", TEXT),
    },
  }),
  minProperties: 1,
  maxProperties: 1,
};

export const RETRY: JsonObject = closedMap({
  keys: RETRY_KEYS,
  required: ["attempts"],
  of: {
    attempts: key("Tries in all, the first included. Attempts whose worker died do not count.", {
      type: "integer",
      minimum: 1,
      maximum: MAX_ATTEMPTS,
    }),
    if: key(
      "Which failures are tried again, by error.code, error.message and error.details; left out, all that may pass.",
      CONDITION,
    ),
    backoff: key("Whether the delay stays the same, grows by itself or doubles with each try.", {
      enum: [...BACKOFFS],
      default: "exponential",
    }),
    delay: key("The wait before the second try.", { ...DURATION, default: "1s" }),
    max_delay: key("The longest wait.", { ...DURATION, default: "1h" }),
    jitter: key("The share of the delay that is random.", {
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0,
    }),
  },
});

export const QUEUE_USE: JsonObject = {
  anyOf: [
    OWN_NAME,
    closedMap({
      keys: QUEUE_USE_KEYS,
      required: ["name"],
      of: {
        name: key("A queue of this pack (queues/*.yaml).", OWN_NAME),
        key: key("What the queue's limit per key and its order go by; takes ${{ }}."),
      },
    }),
  ],
};

export const ON: JsonObject = {
  ...closedMap({
    keys: ON_KEYS,
    of: {
      node: key("The name of a node; takes ${{ }}.", TEXT),
      labels: key("Labels that a node must have, as name or name=value; each takes ${{ }}.", {
        anyOf: [
          { type: "array", items: TEXT, minItems: 1 },
          { type: "string", pattern: `^${EXPRESSION_PART}` },
        ],
      }),
    },
  }),
  minProperties: 1,
};

const FILE_SOURCE: JsonObject = { type: "string", pattern: `^${EXPRESSION_PART}` };
const FILE_SOURCE_TO: JsonObject = closedMap({
  keys: FILE_USE_KEYS,
  required: ["from"],
  of: {
    from: key("An expression that gives files: ${{ steps.<id>.files }}.", FILE_SOURCE),
    to: key("The folder in the work folder that they are put into; takes ${{ }}.", TEXT),
  },
});

export const FILE_USE: JsonObject = {
  anyOf: [
    FILE_SOURCE,
    FILE_SOURCE_TO,
    { type: "array", items: { anyOf: [FILE_SOURCE, FILE_SOURCE_TO] } },
  ],
};

/** The pattern without its ends, to be put into another. */
export function bare(pattern: RegExp): string {
  return pattern.source.replace(/^\^/, "").replace(/\$$/, "");
}
