import type { JsonObject } from "@yardmaster/protocol";
import type { Audit } from "../../audit/index.ts";
import { type Arrival, accompany, deliveryKey } from "../../inbox/index.ts";
import type { Starter } from "../../rules/index.ts";
import { timeOf } from "../schedules.ts";
import { nameOf, starterOf, type TaskRow } from "../task-row.ts";
import { auditCompletion, auditRunNow } from "./fire-audit.ts";
import { type FireRow, fireCompanion } from "./fire-part.ts";
import type { FirePlan } from "./plan-fire.ts";

export interface FireOn {
  /** A new id. */
  readonly fire: string;
  /** What the task would start, by the definitions as they are at each judgement. */
  readonly startsWith: () => Pick<Starter, "run" | "with" | "held">;
  readonly audit: Pick<Audit, "withRun">;
}

/** A fire as it comes in: the same task at the same time again is a duplicate. */
export function fireArrival(task: TaskRow, plan: FirePlan, due: number, on: FireOn): Arrival {
  const arrival = turnArrival(task, plan, due, on);
  return plan.next === undefined ? { ...arrival, also: auditCompletion(task, on.audit) } : arrival;
}

function turnArrival(
  task: TaskRow,
  plan: FirePlan,
  due: number,
  { fire, startsWith }: FireOn,
): Arrival {
  const turn = { due, next: timeOf(plan.next) };
  const starter = starterOf(task);
  const row = { fire, taskId: task.id, version: task.version, turn, starter };
  if (plan.kind === "due") {
    const { scheduledFor, coalesced, reason } = plan;
    const data = dueData(task, { scheduledFor, coalesced, reason });
    const of = { type: "schedule.due", at: scheduledFor, data };
    return arrivalOf(task, of, { ...row, missed: coalesced }, startsWith);
  }
  const { from, until, count } = plan;
  const span = count === 1 ? `at ${timeOf(from)}` : `from ${timeOf(from)} to ${timeOf(until)}`;
  const held = `missed: ${count} ${count === 1 ? "fire" : "fires"} ${span}, ${WHY[task.misfire_policy]}`;
  const data = {
    ...{ task: nameOf(task), task_id: task.id, title: task.title },
    ...{ from: timeOf(from), until: timeOf(until), count, policy: task.misfire_policy },
  };
  const of = { type: "schedule.missed", at: until, data };
  return arrivalOf(task, of, { ...row, missed: count }, () => ({ ...startsWith(), held }));
}

const WHY = {
  run_once: "and its misfire says run_once",
  skip: "and its misfire says skip",
  run_all: "more than its catchup_limit",
} as const;

/** A fire that somebody has asked for, beside the schedule. */
export function runNowArrival(
  task: TaskRow,
  {
    at,
    ...asked
  }: { readonly at: number; readonly by: string; readonly reason: string | undefined },
  { fire, startsWith, audit }: FireOn,
): Arrival {
  const said = asked.reason === undefined ? "run_now" : `run_now: ${asked.reason}`;
  const data = dueData(task, { scheduledFor: at, coalesced: 0, reason: said });
  const { id: taskId, version } = task;
  const row = { fire, taskId, version, missed: 0, starter: starterOf(task) };
  const arrival = arrivalOf(task, { type: "schedule.due", at, data }, row, startsWith);
  return { ...arrival, keys: [], also: auditRunNow(task, asked, audit) };
}

function dueData(
  task: TaskRow,
  fire: { readonly scheduledFor: number; readonly coalesced: number; readonly reason: string },
): JsonObject {
  const { scheduledFor, ...said } = fire;
  return {
    ...{ task: nameOf(task), task_id: task.id, title: task.title },
    ...{ scheduled_for: timeOf(scheduledFor), ...said },
  };
}

function arrivalOf(
  task: TaskRow,
  { type, at, data }: { readonly type: string; readonly at: number; readonly data: JsonObject },
  row: FireRow,
  startsWith: FireOn["startsWith"],
): Arrival {
  const dataText = JSON.stringify(data);
  const time = new Date(at).toISOString();
  const source = `/tasks/${nameOf(task)}`;
  return {
    ...{ channel: "schedule", source, headers: {}, body: Buffer.from(dataText) },
    ...{ verifiedBy: "schedule", senderId: time, problem: null },
    keys: [deliveryKey(null, "task", task.id, type, time)],
    event: {
      ...{ type, source, subject: nameOf(task), originId: null, dataschema: null },
      ...{ extensions: null, time, data, dataText, isBody: true },
    },
    starter: () => ({
      ...{ ref: row.starter, startedBy: { createdBy: row.starter }, ...startsWith() },
    }),
    company: accompany<FireRow>(fireCompanion, row),
  };
}
