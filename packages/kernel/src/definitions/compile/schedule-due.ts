import type { JsonSchema } from "../../schema/index.ts";
import { record } from "./fields/visible.ts";

const TEXT = { type: "string" } as const;
const TIME = { type: "string", format: "date-time" } as const;

/** The data of `schedule.due`, the event that a task's fire is. */
export const SCHEDULE_DUE: JsonSchema = record({
  task: TEXT,
  task_id: TEXT,
  title: TEXT,
  scheduled_for: TIME,
  coalesced: { type: "integer" },
  reason: TEXT,
});
