import { compileSchedule, type ScheduleKind, type ScheduleText } from "../../schedule/index.ts";
import { MISFIRE_POLICIES, type MisfireRule, type TaskDefinition } from "../pack.ts";
import type { Report } from "../problem.ts";
import { type Callees, readCallee } from "./calls/callee.ts";
import { readWith } from "./calls/input.ts";
import { type Fields, readFields } from "./fields/fields.ts";
import { visibleEvent } from "./fields/visible.ts";
import { SCHEDULE_DUE } from "./schedule-due.ts";

export const TASK_KEYS = [
  "task",
  "title",
  "description",
  "schedule",
  "run",
  "with",
  "misfire",
  "misfire_grace",
  "catchup_limit",
];

/** The key that says when, of each kind of schedule. */
export const SCHEDULE_FORMS = {
  cron: "cron",
  rrule: "rrule",
  every: "interval",
  at: "once",
} as const satisfies { readonly [key: string]: ScheduleKind };

export const SCHEDULE_KEYS = [
  ...Object.keys(SCHEDULE_FORMS),
  "timezone",
  "dtstart",
  "ends_at",
  "dst_gap",
  "dst_overlap",
];

export const MAX_TITLE = 200;
export const MAX_CATCHUP = 1_000;
/** A fire always comes some milliseconds late: with less than this each would be a missed one. */
export const MIN_GRACE_MS = 1_000;
export const MAX_GRACE_MS = 30 * 86_400_000;
export const DEFAULT_MISFIRE: MisfireRule = { policy: "run_once", graceMs: 60_000, limit: 100 };

/** Whether a schedule can be read does not depend on when it begins. */
const ANY_BEGINNING = Date.UTC(2026, 0, 1);

export interface TaskContext {
  readonly packDigest: string;
  readonly callees: Callees;
  readonly reportSlip: Report;
}

/** The definition where all of it could be read; what could not is reported. */
export function readTask(
  ref: string,
  fields: Fields,
  context: TaskContext,
  report: Report,
): TaskDefinition | undefined {
  const schedule = readSchedule(fields, report);
  const callee = readCallee(fields, "run", context.callees, report);
  const visible = visibleEvent(SCHEDULE_DUE);
  const input = readWith(fields, callee, visible, report, context.reportSlip);
  const title = readTitle(fields, report);
  const description = fields.text("description");
  const misfire = readMisfire(fields);
  if (schedule === undefined || callee === undefined || input === undefined) return undefined;
  return {
    ref,
    schedule,
    run: callee.ref,
    ...(fields.has("with") ? { with: input } : {}),
    misfire,
    packDigest: context.packDigest,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
}

function readTitle(fields: Fields, report: Report): string | undefined {
  const title = fields.text("title");
  if (title === undefined || title.length <= MAX_TITLE) return title;
  report(fields.get("title")?.place ?? fields.place, `a title has at most ${MAX_TITLE} characters`);
  return undefined;
}

function readMisfire(fields: Fields): MisfireRule {
  const graceMs = fields.durationMs("misfire_grace", { min: MIN_GRACE_MS, max: MAX_GRACE_MS });
  const limit = fields.number("catchup_limit", { min: 1, max: MAX_CATCHUP, integer: true });
  return {
    policy: fields.word("misfire", MISFIRE_POLICIES) ?? DEFAULT_MISFIRE.policy,
    graceMs: graceMs ?? DEFAULT_MISFIRE.graceMs,
    limit: limit ?? DEFAULT_MISFIRE.limit,
  };
}

/** Keys of which a form makes nothing: stored without effect they would be a lie. */
const WITHOUT_EFFECT: { readonly [form: string]: readonly string[] } = {
  every: ["dst_gap", "dst_overlap"],
  at: ["dtstart"],
};

const SCHEDULE_HINT =
  'write schedule: { cron: "30 8 * * MON-FRI", timezone: Europe/Berlin }, or every: 90s, or at, or rrule';

function readSchedule(owner: Fields, report: Report): ScheduleText | undefined {
  const node = owner.get("schedule");
  if (node === undefined) {
    report(owner.place, 'a task needs "schedule"', SCHEDULE_HINT);
    return undefined;
  }
  if (node.kind === "scalar") {
    report(node.place, "schedule must be a map", SCHEDULE_HINT);
    return undefined;
  }
  const fields = readFields(node, "schedule", SCHEDULE_KEYS, report);
  if (fields === undefined) return undefined;
  const forms = Object.keys(SCHEDULE_FORMS).filter((form) => fields.has(form));
  const [form] = forms as (keyof typeof SCHEDULE_FORMS)[];
  if (form === undefined || forms.length > 1) {
    const said = forms.length > 1 ? `says both ${forms.join(" and ")}` : "does not say when";
    report(fields.place, `schedule ${said}`, SCHEDULE_HINT);
    return undefined;
  }
  for (const key of (WITHOUT_EFFECT[form] ?? []).filter(fields.has))
    report(fields.keyPlace(key), `${key} has no effect with ${form}`, "leave it out");
  const expr = fields.text(form);
  return expr === undefined ? undefined : checked(fields, form, expr, report);
}

function checked(
  fields: Fields,
  form: keyof typeof SCHEDULE_FORMS,
  expr: string,
  report: Report,
): ScheduleText | undefined {
  const text: ScheduleText = {
    kind: SCHEDULE_FORMS[form],
    expr,
    timezone: fields.text("timezone") ?? "UTC",
    dtstart: fields.text("dtstart"),
    endsAt: fields.text("ends_at"),
    dstGap: fields.word("dst_gap", ["shift", "skip"]) ?? "shift",
    dstOverlap: fields.word("dst_overlap", ["first", "second", "both"]) ?? "first",
  };
  const compiled = compileSchedule(text, ANY_BEGINNING);
  if (compiled.ok) return text;
  const keys = { expr: form, timezone: "timezone", dtstart: "dtstart", endsAt: "ends_at" };
  for (const { field, message, hint } of compiled.flaws) {
    const key = keys[field];
    report(fields.get(key)?.place ?? fields.place, `${key}: ${message}`, hint);
  }
  return undefined;
}
