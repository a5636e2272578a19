import { acceptedEventSchema } from "@yardmaster/protocol";
import { KEY_ARGUMENT, KEY_SCHEMA, refuseUnknown, textOf } from "./route-arguments.ts";
import { STARTS_WORK } from "./run-tools.ts";
import type { JsonSchema, Tool } from "./tool.ts";
import { toolSchemaOf } from "./tool-schema.ts";

/** `publish_event`: one CloudEvent, whose attributes are the arguments. */
export function publishEventTool(): Tool {
  const text = (description: string): JsonSchema => ({ type: "string", description });
  const properties: Record<string, JsonSchema> = {
    type: text(
      "What happened, in the words of its source: `shop.order_paid`. Those of yard.* and schedule.* are refused.",
    ),
    data: { description: "What is known of it: any JSON value, which rules see as event.data." },
    source: text("Where it comes from; the token where left out."),
    subject: text("What it is about."),
    id: text(
      "With its source it names the event: the same again is a duplicate, and starts nothing.",
    ),
    time: {
      type: "string",
      format: "date-time",
      description: "When it happened, RFC 3339; now where left out.",
    },
    [KEY_ARGUMENT]: KEY_SCHEMA,
  };
  return {
    name: "publish_event",
    title: "Publish an event",
    description:
      "Publishes an event, which rules judge at once: each that matches starts a run. Gives the event's id and what each rule decided, with the ids of the runs that were started.",
    inputSchema: { type: "object", properties, required: ["type"] },
    outputSchema: { type: "object", ...toolSchemaOf(acceptedEventSchema, "output") },
    annotations: STARTS_WORK,
    scopes: ["events:write"],
    async call(args, { api, key: callKey }) {
      for (const name of Object.keys(args)) refuseUnknown(name, Object.keys(properties));
      const { [KEY_ARGUMENT]: given, ...event } = args;
      const key = given ?? callKey;
      const { body } = await api({
        method: "POST",
        path: "/v1/events",
        headers: {
          "content-type": "application/cloudevents+json",
          ...(key !== undefined && { "idempotency-key": textOf(key) }),
        },
        body: { specversion: "1.0", ...event },
      });
      return {
        value: body as object,
        next: "get_run with the run_id of a decision shows what it started; explain with the event's id says why nothing was.",
      };
    },
  };
}
