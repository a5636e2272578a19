import { AppError, isAppError, isUuid, type Scope } from "@yardmaster/protocol";
import { refuseUnknown, segmentOf } from "./route-arguments.ts";
import type { Tool } from "./tool.ts";

/** Where an explanation of something may be, in the order in which it is looked for. */
const BY_ID = [
  ["run", "/v1/runs"],
  ["inquiry", "/v1/inquiries"],
  ["event", "/v1/events"],
  ["task", "/v1/tasks"],
] as const;
const BY_NAME = [
  ["task", "/v1/tasks"],
  ["rule", "/v1/rules"],
  ["sensor", "/v1/sensors"],
  ["queue", "/v1/queues"],
] as const;

const SCOPES: readonly Scope[] = [
  "runs:read",
  "inquiries:read",
  "events:read",
  "tasks:read",
  "sensors:read",
  "queues:read",
];

/** `explain`: why anything is where it is. */
export function explainTool(): Tool {
  return {
    name: "explain",
    title: "Explain why",
    description:
      "Says why something is where it is, does not move, or did not happen, and what would change that: a run, a question, an event or a task by its id; a task, a rule, a sensor or a queue by its name. chain goes from the cause to the effect, unblock says what to do.",
    inputSchema: {
      type: "object",
      properties: {
        id: {
          type: "string",
          minLength: 1,
          description: "An id, or a name such as `examples.on-assign`.",
        },
      },
      required: ["id"],
    },
    outputSchema: {
      type: "object",
      properties: {
        kind: {
          type: "string",
          description: "What it is: run, inquiry, event, task, rule, sensor or queue.",
        },
        explanation: { type: "object", description: "With summary, chain and unblock." },
      },
      required: ["kind", "explanation"],
    },
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    scopes: SCOPES,
    async call(args, { api }) {
      for (const name of Object.keys(args)) refuseUnknown(name, ["id"]);
      const { id } = args;
      if (typeof id !== "string" || id === "")
        throw new AppError("invalid_request", "The argument id is needed: an id, or a name", {
          errors: [{ path: "/id", message: "is needed" }],
        });
      let closed: AppError | undefined;
      for (const [kind, base] of isUuid(id) ? BY_ID : BY_NAME)
        try {
          const path = `${base}/${segmentOf("id", id)}/explain`;
          const { body } = await api({ method: "GET", path });
          return { value: { kind, explanation: body as object }, whole: `GET ${path}` };
        } catch (error) {
          if (!isAppError(error) || !isElsewhere(error)) throw error;
          if (error.code === "forbidden") closed ??= error;
        }
      // It may be behind a door that this token does not open.
      throw closed ?? new AppError("not_found", notFound(id));
    },
  };
}

function isElsewhere({ code }: AppError): boolean {
  return code === "not_found" || code === "forbidden";
}

function notFound(id: string): string {
  return isUuid(id)
    ? `No run, no inquiry, no event and no task has the id ${id}; list_runs, list_inquiries, list_events and list_tasks name those that there are`
    : `"${id}" is neither an id nor the name of a task, a rule, a sensor or a queue; list_tasks, list_rules and list_queues name those that there are`;
}
