import type { JsonSchema } from "../schema/index.ts";

/** What an action does to an issue of a tracker, or to a commit. */
export const TRACKER_VERBS = ["comment", "labels", "assign", "close", "reopen", "status"] as const;
export type TrackerVerb = (typeof TRACKER_VERBS)[number];

const TEXT = { type: "string", minLength: 1 } as const;
const NAMES = { type: "array", items: TEXT, maxItems: 100 } as const;

const PLACE = {
  tracker: { ...TEXT, maxLength: 63 },
  project: { type: "string", pattern: "^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$" },
} as const;
const ISSUE = { ...PLACE, number: { type: "integer", minimum: 1 } } as const;
const ON_ISSUE = ["tracker", "project", "number"];

function closed(
  properties: { readonly [name: string]: JsonSchema },
  required: readonly string[],
): JsonSchema {
  return { type: "object", properties, required: [...required], additionalProperties: false };
}

const STATE = { type: "object", properties: { state: { type: "string" } } };

/** By verb: what the action takes, and what it gives. */
export const TRACKER_ACTIONS: Readonly<
  Record<TrackerVerb, { readonly input: JsonSchema; readonly output: JsonSchema }>
> = {
  comment: {
    input: closed({ ...ISSUE, body: { ...TEXT, maxLength: 60_000 } }, [...ON_ISSUE, "body"]),
    output: {
      type: "object",
      properties: { id: { type: "integer" }, url: { type: ["string", "null"] } },
    },
  },
  labels: {
    input: closed({ ...ISSUE, add: NAMES, remove: NAMES }, ON_ISSUE),
    output: {
      type: "object",
      properties: { labels: { type: "array", items: { type: "string" } } },
    },
  },
  assign: {
    input: closed({ ...ISSUE, add: NAMES, remove: NAMES }, ON_ISSUE),
    output: {
      type: "object",
      properties: { assignees: { type: "array", items: { type: "string" } } },
    },
  },
  close: { input: closed(ISSUE, ON_ISSUE), output: STATE },
  reopen: { input: closed(ISSUE, ON_ISSUE), output: STATE },
  status: {
    input: closed(
      {
        ...PLACE,
        sha: { type: "string", pattern: "^[0-9a-f]{40}([0-9a-f]{24})?$" },
        state: { type: "string", enum: ["pending", "success", "failure", "error"] },
        context: { ...TEXT, maxLength: 200, default: "yardmaster" },
        description: { type: "string", maxLength: 140 },
        url: { type: "string", format: "uri" },
      },
      ["tracker", "project", "sha", "state"],
    ),
    output: STATE,
  },
};
