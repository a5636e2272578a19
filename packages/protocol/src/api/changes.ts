import { z } from "zod";
import { WORK_STATUSES } from "../status.ts";
import { idSchema, timeSchema } from "./values.ts";

/** What happens to a node. */
export const NODE_CHANGES = [
  "paired",
  "connected",
  "reconnected",
  "reconnecting",
  "draining",
  "disconnected",
  "revoked",
  "renamed",
  "changed",
  "rotated",
  "conflict",
] as const;
export type NodeChange = (typeof NODE_CHANGES)[number];

/** Event types that are made here alone, `yard.*` and `schedule.*`: nobody can post them. */
export function isReservedEventType(type: string): boolean {
  return /^(yard|schedule)(\.|$)/i.test(type);
}

/** The events of tasks: one that is due, and some that nobody was there for. */
export const SCHEDULE_EVENT_TYPES: readonly string[] = ["schedule.due", "schedule.missed"];

/** The types of the events that Yardmaster makes of its own changes, where a rule listens to them. */
export const OWN_EVENT_TYPES: readonly string[] = [
  "yard.run.finished",
  ...NODE_CHANGES.map((change) => `yard.node.${change}`),
  "yard.sensor.failing",
  ...["opened", "answered", "timed_out"].map((word) => `yard.inquiry.${word}`),
  ...WORK_STATUSES.map((status) => `yard.work.${status}`),
];

/** Every type of change that the stream tells. */
export const CHANGE_TYPES = [
  "run.created",
  "run.paused",
  "run.resumed",
  "run.canceling",
  "run.finished",
  "attempt.queued",
  "attempt.started",
  "attempt.ended",
  "timer.due",
  "child.ended",
  "event.created",
  "event.replayed",
  ...NODE_CHANGES.map((change) => `node.${change}` as const),
  "sensor.failing",
  "inquiry.opened",
  "inquiry.answered",
  "inquiry.timed_out",
  "inquiry.canceled",
  ...WORK_STATUSES.map((status) => `work.${status}` as const),
] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/**
 * Query of `GET /v1/stream`. `after` is a cursor (the `id:` of an event of the stream), as `Last-Event-ID` is,
 * which wins; without either the stream begins with what happens next. `types` are separated by commas and may
 * end in `*` (`run.*,event.created`); `run` keeps the changes of one run.
 */
export const streamQuerySchema = z.strictObject({
  after: z.string().min(1).max(200).optional(),
  types: z.string().min(1).max(1000).optional(),
  run: idSchema.optional(),
});
export type StreamQuery = z.input<typeof streamQuerySchema>;

/**
 * Query of `/ws`, the same as a WebSocket. `last_event_id` stands for the header, which few clients of WebSockets can
 * send, and wins over `after`.
 */
export const socketQuerySchema = streamQuerySchema.extend({
  last_event_id: z.string().min(1).max(200).optional(),
});

/**
 * `data:` of one event of the stream; `id:` is its cursor, `event:` its type. Small: read the resource for more.
 * Fields that depend on the type (`run_id`, `status`, …) stand beside these.
 */
export const changeSchema = z
  .looseObject({ type: z.string(), id: z.string(), at: timeSchema })
  .meta({ id: "Change" });
export type FeedChange = z.infer<typeof changeSchema>;

/**
 * One message of `/ws`: a change, or what the stream says of itself; `cursor` is where to go on from.
 * - `ready`: connected, everything after the cursor will come.
 * - `gap`: the cursor asked for is gone; the stream goes on after this one, read the lists anew.
 * - `cut`: the last one, with its `reason`; connect again with this cursor.
 * - `alive`: nothing has happened for a while.
 */
export const socketMessageSchema = z
  .looseObject({
    type: z.string().describe("Of a change, or ready, gap, cut, alive."),
    cursor: z.string(),
  })
  .meta({ id: "SocketMessage" });

/** With what `/ws` is closed; the last message before it is `cut`, where it can still be read. */
export const STREAM_CLOSE = {
  /** Connect again. */
  stopping: 1001,
  /** Something broke inside. */
  broken: 1011,
  /** The database is out of reach: connect again in a moment. */
  again: 1013,
  /** The token is not valid any more. */
  unauthorized: 4401,
  /** The token lost its scope. */
  forbidden: 4403,
  /** What was sent was not read in time. */
  not_read: 4408,
} as const;
