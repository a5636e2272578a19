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
import { notApplied } from "./not-applied.ts";
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
    ...payloadErrors(said, definitions),
  ];
  if (compiled.ok && errors.length === 0) errors.push(...pastErrors(said, compiled.schedule, now));
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

function pastErrors(said: SaidFields, schedule: Schedule, now: number): FieldError[] {
  if (
    schedule.kind === "manual" ||
    firstDue({ read: schedule }, now, said.allow_past) !== undefined
  )
    return [];
  const isOnce = schedule.kind === "once";
  return [
    {
      path: isOnce ? "/schedule_expr" : "/ends_at",
      message: isOnce ? "the time has passed" : "it would never be due: it is over already",
      hint: isOnce
        ? "say allow_past: true to have it run at once"
        : "look at UNTIL, COUNT and ends_at",
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
