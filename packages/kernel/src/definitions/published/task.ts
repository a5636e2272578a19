import type { JsonObject } from "@yardmaster/protocol";
import {
  DEFAULT_MISFIRE,
  MAX_CATCHUP,
  MAX_TITLE,
  SCHEDULE_FORMS,
  SCHEDULE_KEYS,
  TASK_KEYS,
} from "../compile/task.ts";
import { CORE_ACTIONS } from "../core-pack.ts";
import { MISFIRE_POLICIES } from "../pack.ts";
import { closedMap, key } from "./closed-map.ts";
import { DESCRIPTION, DURATION, REF, TEXT, WITH } from "./shared.ts";

const TIME = "ISO 8601; without an offset it is a time of the zone.";

const SCHEDULE: JsonObject = {
  ...closedMap({
    keys: SCHEDULE_KEYS,
    of: {
      cron: key("minute hour day month weekday; with six fields the first is the second.", {
        ...TEXT,
        examples: ["30 8 * * MON-FRI", "*/15 * * * *", "0 3 L * *", "@daily"],
      }),
      rrule: key("A recurrence rule of RFC 5545.", {
        ...TEXT,
        examples: ["FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=8;BYMINUTE=0;BYSECOND=0"],
      }),
      every: key("The time from one to the next, counted from dtstart: 90s, 1h30m.", {
        ...TEXT,
        examples: ["90s", "15m", "PT15M"],
      }),
      at: key(`The one time at which it happens. ${TIME}`, TEXT),
      timezone: key("The zone whose clock it goes by: an IANA name.", { ...TEXT, default: "UTC" }),
      dtstart: key(`Where it begins; else when it was first loaded. ${TIME}`, TEXT),
      ends_at: key(`Nothing happens behind it. ${TIME}`, TEXT),
      dst_gap: key("What becomes of a time that the clock leaves out when it is put forward.", {
        enum: ["shift", "skip"],
        default: "shift",
      }),
      dst_overlap: key("Which of the two it is where the clock shows a time twice.", {
        enum: ["first", "second", "both"],
        default: "first",
      }),
    },
  }),
  oneOf: Object.keys(SCHEDULE_FORMS).map((form) => ({ required: [form] })),
};

export function taskSchema(): JsonObject {
  return closedMap({
    keys: TASK_KEYS,
    required: ["task", "schedule", "run"],
    of: {
      task: key("The task's name: <pack>.<name>.", REF),
      title: key("What people call it; else its name.", { ...TEXT, maxLength: MAX_TITLE }),
      description: DESCRIPTION,
      schedule: key("When it is due: one of cron, rrule, every and at.", SCHEDULE),
      run: key("The workflow or action that is started.", {
        anyOf: [{ enum: [...CORE_ACTIONS.keys()] }, REF],
      }),
      with: key("The input of the run; takes ${{ event.data.… }} of the event schedule.due.", WITH),
      misfire: key("What becomes of fires that nobody was there for: one run, none, or each.", {
        enum: [...MISFIRE_POLICIES],
        default: DEFAULT_MISFIRE.policy,
      }),
      misfire_grace: key(
        "One that is not later than this is not missed; at least 1s, for each comes a little late.",
        {
          ...DURATION,
          default: "60s",
        },
      ),
      catchup_limit: key("Runs that run_all makes up for at most.", {
        type: "integer",
        minimum: 1,
        maximum: MAX_CATCHUP,
        default: DEFAULT_MISFIRE.limit,
      }),
    },
  });
}
