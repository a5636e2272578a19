import {
  listSensorsSchema,
  readSensorLogsSchema,
  type Sensor,
  sensorExplanationSchema,
  sensorLogLineSchema,
  sensorSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import { pageReply } from "../paging/index.ts";
import type { Sensors } from "./sensors.ts";

const params = z.strictObject({ ref: z.string().min(1).max(300) });
type OneSensor = { params: typeof params };

/** `/v1/sensors`. */
export function sensorRoutes(sensors: Sensors): Route[] {
  const list: Route<{ query: typeof listSensorsSchema }> = {
    method: "GET",
    path: "/v1/sensors",
    summary: "Lists sensors with their state, their counts and where they are.",
    scope: "sensors:read",
    query: listSensorsSchema,
    pagedBy: ({ ref }: Sensor) => ref,
    responses: { 200: { description: "A page of sensors, by ref", schema: z.array(sensorSchema) } },
    handler: async ({ query: { status } }) => ({
      body: (await sensors.list()).filter((one) => status === undefined || one.status === status),
    }),
  };

  const get: Route<OneSensor> = {
    method: "GET",
    path: "/v1/sensors/{ref}",
    summary: "Shows a sensor.",
    scope: "sensors:read",
    params,
    responses: { 200: { description: "The sensor", schema: sensorSchema } },
    handler: async ({ params: { ref } }) => ({ body: await sensors.get(ref) }),
  };

  const logs: Route<OneSensor & { query: typeof readSensorLogsSchema }> = {
    method: "GET",
    path: "/v1/sensors/{ref}/logs",
    summary: "Reads the log of a sensor: its stderr, and what Yardmaster says of it.",
    description:
      "Lines of stdout that were no events are told here, each with its number and what is wrong with it. Kept for 7 days, and at most 4 MiB of each sensor.",
    scope: "sensors:read",
    params,
    query: readSensorLogsSchema,
    responses: {
      200: {
        description: "A page of lines, the oldest first",
        schema: z.array(sensorLogLineSchema),
      },
    },
    handler: async ({ params: { ref }, query, url }) =>
      pageReply(await sensors.logs(ref, query), url),
  };

  const explain: Route<OneSensor> = {
    method: "GET",
    path: "/v1/sensors/{ref}/explain",
    summary: "Says why a sensor runs or does not, and what would change that.",
    scope: "sensors:read",
    params,
    responses: { 200: { description: "The explanation", schema: sensorExplanationSchema } },
    handler: async ({ params: { ref } }) => ({ body: await sensors.explain(ref) }),
  };

  const changed = (
    word: "pause" | "resume" | "restart" | "reset",
    summary: string,
    change: (ref: string, by: string) => Promise<Sensor>,
  ): Route<OneSensor> => ({
    method: "POST",
    path: `/v1/sensors/{ref}/${word}`,
    summary,
    scope: "sensors:write",
    idempotency: "repeatable",
    params,
    responses: { 200: { description: "The sensor", schema: sensorSchema } },
    handler: async ({ params: { ref }, principal }) => ({
      body: await change(ref, `token:${principal.name}`),
    }),
  });

  const forget: Route<OneSensor> = {
    method: "DELETE",
    path: "/v1/sensors/{ref}",
    summary: "Removes all that is kept of a sensor that no active pack defines any more.",
    description:
      "Its cursor, its counts, its log and its pause; its events stay. Refused with 409 while a pack defines it, or its process is still being stopped.",
    scope: "sensors:write",
    params,
    responses: { 204: { description: "Gone" } },
    async handler({ params: { ref } }) {
      await sensors.forget(ref);
      return { status: 204 };
    },
  };

  return [
    list,
    get,
    logs,
    explain,
    changed(
      "pause",
      "Stops a sensor until it is resumed, whatever becomes of its pack.",
      (ref, by) => sensors.pause(ref, by),
    ),
    changed("resume", "Lets a paused sensor run again.", (ref) => sensors.pause(ref, null)),
    changed("restart", "Stops a sensor in order and starts it anew.", (ref) =>
      sensors.restart(ref),
    ),
    changed(
      "reset",
      "Removes the cursor of a sensor; its process is stopped in order and begun anew without one.",
      (ref, by) => sensors.reset(ref, by),
    ),
    forget,
  ];
}
