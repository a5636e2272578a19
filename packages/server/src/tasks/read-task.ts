import {
  compileSchedule,
  compileTaskInput,
  type Schedule,
  type ScheduleText,
} from "@yardmaster/kernel";
import {
  AppError,
  changeTaskSchema,
  createTaskSchema,
  type FieldError,
  type JsonObject,
  nearestRef,
  type TaskFields,
} from "@yardmaster/protocol";
import type { DefinitionSource } from "../engine/index.ts";
import { notApplied, withoutEffect } from "./not-applied.ts";
import { timeOf } from "./schedules.ts";
import type { TaskRow } from "./task-row.ts";

/** What people say of a task, checked. */
export type SaidTask = Pick<
  TaskRow,
  | "title"
  | "description"
  | "schedule"
  | "run"
  | "misfire_policy"
  | "misfire_grace_ms"
  | "catchup_limit"
> & { readonly input: JsonObject; readonly read: Schedule };

export type SaidFields = TaskFields;

const FIELDS = Object.keys(createTaskSchema.shape);
const CHANGES = Object.keys(changeTaskSchema.shape);

/** @throws AppError `invalid_task` with each field that has no effect */
export function refuseUnknown(body: { readonly [name: string]: unknown }, isChange: boolean): void {
  refuse(notApplied(body, isChange ? CHANGES : FIELDS));
}

/**
 * Reads what people say of a task: all that is wrong with it at once. `anchor` is where a series begins that names no
 * beginning, `now` decides what has passed.
 * @throws AppError `invalid_task`
 */
export function readSaidTask(
  said: SaidFields,
  definitions: Pick<DefinitionSource, "current" | "refs">,
  { anchor, now }: { readonly anchor: number; readonly now: number },
): SaidTask {
  const schedule = scheduleText(said);
  const compiled = compileSchedule(schedule, anchor);
  const errors = [
    ...(compiled.ok
      ? []
      : compiled.flaws.map(({ field, ...flaw }) => ({ path: PATHS[field], ...flaw }))),
    ...withoutEffect(said),
    ...payloadErrors(said, definitions),
  ];
  if (compiled.ok && errors.length === 0)
    errors.push(...pastErrors(said, compiled.schedule, { anchor, now }));
  refuse(errors);
  if (!compiled.ok) throw new Error("task-schedule-unread (t4s1)");
  return {
    ...{ title: said.title, description: said.description, schedule, read: compiled.schedule },
    ...{ run: said.payload.workflow, input: said.payload.input },
    misfire_policy: said.misfire_policy,
    misfire_grace_ms: said.misfire_grace_seconds * 1_000,
    catchup_limit: said.catchup_limit,
  };
}

/** The first time at which it is due, as it is made or changed at `now`. */
export function firstDue(
  { read }: Pick<SaidTask, "read">,
  now: number,
  allowPast: boolean,
): number | undefined {
  const next = read.next(now);
  return next === undefined && read.kind === "once" && allowPast ? now : next;
}

const PATHS = {
  expr: "/schedule_expr",
  timezone: "/timezone",
  dtstart: "/dtstart",
  endsAt: "/ends_at",
} as const;

export function scheduleText(said: SaidFields): ScheduleText {
  return {
    ...{ kind: said.schedule_kind, expr: said.schedule_expr, timezone: said.timezone },
    ...(said.dtstart === null ? {} : { dtstart: said.dtstart }),
    ...(said.ends_at === null ? {} : { endsAt: said.ends_at }),
    ...{ dstGap: said.dst_gap, dstOverlap: said.dst_overlap },
  };
}

/** What is due at no time from now on, with the field that ends it. */
function pastErrors(
  said: SaidFields,
  schedule: Schedule,
  { anchor, now }: { readonly anchor: number; readonly now: number },
): FieldError[] {
  const { kind } = schedule;
  if (kind === "manual" || schedule.next(now) !== undefined) return [];
  const endless = compileSchedule({ ...scheduleText(said), endsAt: undefined }, anchor);
  const first = endless.ok ? endless.schedule.next(now) : undefined;
  if (first !== undefined)
    return [
      {
        path: "/ends_at",
        message: `it lies before the first time that is left: ${timeOf(first)}`,
        hint: "write a later time, or leave it out",
      },
    ];
  if (kind === "once")
    return said.allow_past
      ? []
      : [
          {
            path: "/schedule_expr",
            message: "the time has passed",
            hint: "say allow_past: true to have it run at once",
          },
        ];
  const isCounted = said.dtstart === null && /COUNT=/i.test(said.schedule_expr);
  return [
    {
      path: "/schedule_expr",
      message: "the last of its times has passed",
      hint: isCounted
        ? "without dtstart the first that COUNT counts is the moment at which it is made: give dtstart"
        : "write a later UNTIL or dtstart, or a greater COUNT",
    },
  ];
}

function payloadErrors(
  { payload: { workflow, input } }: SaidFields,
  definitions: Pick<DefinitionSource, "current" | "refs">,
): FieldError[] {
  const found = definitions.current(workflow)?.workflow;
  const compiled = compileTaskInput(input, found?.input);
  const errors = compiled.ok
    ? []
    : compiled.errors.map(({ path, message, hint }) => ({
        path: `/payload/input${path.map((part) => `/${part}`).join("")}`,
        message,
        ...(hint === undefined ? {} : { hint }),
      }));
  if (found !== undefined) return errors;
  const near = nearestRef(workflow, [...definitions.refs()]);
  const hint = near === undefined ? "`yard workflows` lists them" : `did you mean ${near}?`;
  const message = `there is no workflow or action ${workflow}`;
  return [{ path: "/payload/workflow", message, hint }, ...errors];
}

function refuse(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  throw new AppError("invalid_task", `${first.path}: ${first.message}${more}`, { errors });
}
