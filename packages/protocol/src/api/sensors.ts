import { z } from "zod";
import { MAX_TAIL_LINES } from "./logs.ts";
import { idSchema, jsonSchema, pageFields, timeSchema, wholeNumberSchema } from "./values.ts";

export const SENSOR_STATUSES = ["starting", "running", "stopping", "backoff", "stopped"] as const;
export type SensorStatus = (typeof SENSOR_STATUSES)[number];

/** How a process of a sensor ended. */
export const sensorExitSchema = z
  .object({
    code: z.number().int().nullable().describe("Null: a signal ended it, or it never began."),
    signal: z.string().nullable(),
    at: timeSchema,
    stderr: z.string().describe("The end of what it wrote there, at most 2 KiB."),
  })
  .meta({ id: "SensorExit" });
export type SensorExit = z.infer<typeof sensorExitSchema>;

/** A long-running process of a pack whose lines are events. There is one in the whole installation. */
/** Query of `GET /v1/sensors`. */
export const listSensorsSchema = z.strictObject({ status: z.enum(SENSOR_STATUSES).optional() });
export type ListSensors = z.input<typeof listSensorsSchema>;

export const sensorSchema = z
  .object({
    ref: z.string().describe("`<pack>.<name>`."),
    pack: z.string(),
    declared: z
      .boolean()
      .describe("False: no active pack defines it any more; what is kept of it can be deleted."),
    description: z.string().nullable(),
    status: z
      .enum(SENSOR_STATUSES)
      .describe(
        "starting: a worker is starting it, or will. running: its process is there. stopping: its process was told to end, and has not yet. backoff: it ended by itself and is started again later. stopped: it is not wanted now.",
      ),
    reason: z.string().describe("Why it is so, in words."),
    paused_by: z.string().nullable(),
    events: z.array(z.string()).describe("The types of the events that it sends."),
    worker: idSchema.nullable().describe("The session of the worker that has its process."),
    pid: z.number().int().nullable(),
    started_at: timeSchema.nullable(),
    failures: z.number().int().describe("Unexpected ends in a row."),
    last_exit: sensorExitSchema.nullable(),
    next_start_at: timeSchema.nullable().describe("In backoff: when it is started again."),
    stored: z.number().int().describe("Events since ever."),
    refused: z.number().int().describe("Lines since ever that were no events; its log says why."),
    last_event_at: timeSchema.nullable(),
    cursor: jsonSchema.describe("What it said last about where it is; null: nothing yet."),
  })
  .meta({ id: "Sensor" });
export type Sensor = z.infer<typeof sensorSchema>;

/** `stderr` is the sensor's own, `yard` is what Yardmaster says of it. */
export const SENSOR_LOG_STREAMS = ["stderr", "yard"] as const;
export type SensorLogStream = (typeof SENSOR_LOG_STREAMS)[number];

/** Query of `GET /v1/sensors/{ref}/logs`; the oldest line first. */
export const readSensorLogsSchema = z.strictObject({
  ...pageFields,
  after: wholeNumberSchema(0)
    .optional()
    .describe("Only lines behind this `seq`; a cursor is the same, and wins."),
  tail: wholeNumberSchema(1, MAX_TAIL_LINES)
    .optional()
    .describe(
      "Begins so many lines before the end of the log. With `after` or `cursor`, which go on behind them, it says nothing.",
    ),
});
export type ReadSensorLogs = z.input<typeof readSensorLogsSchema>;

/** A line of the log of a sensor. A line of more than 8 KiB goes on in the next one. */
export const sensorLogLineSchema = z
  .object({
    seq: z.number().int().describe("Grows with each line of the sensor; there may be gaps."),
    at: timeSchema,
    stream: z.enum(SENSOR_LOG_STREAMS),
    text: z.string().describe("Without the end of the line."),
  })
  .meta({ id: "SensorLogLine" });
export type SensorLogLine = z.infer<typeof sensorLogLineSchema>;

/** Why a sensor runs or does not, and what would change that. */
export const sensorExplanationSchema = z
  .object({
    ref: z.string(),
    status: z.enum(SENSOR_STATUSES),
    summary: z.string(),
    chain: z.array(z.string()),
    unblock: z.array(z.string()),
  })
  .meta({ id: "SensorExplanation" });
export type SensorExplanation = z.infer<typeof sensorExplanationSchema>;
