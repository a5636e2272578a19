import type { NewId } from "@yardmaster/protocol";
import type { Audit } from "../../audit/index.ts";
import type { Intake } from "../../inbox/index.ts";
import type { Packs } from "../../packs/index.ts";
import type { Schedules } from "../schedules.ts";
import { startsWith } from "../starts-with.ts";
import { nameOf } from "../task-row.ts";
import { fireArrival } from "./fire-arrival.ts";
import type { DueTask } from "./fires.store.ts";
import { type FirePlan, planFire } from "./plan-fire.ts";

export interface FireDeps {
  readonly take: Intake;
  readonly packs: Pick<Packs, "tasks">;
  readonly schedules: Schedules;
  readonly audit: Pick<Audit, "withRun">;
  readonly newId: NewId;
  /** Lets a pause end whose time has come. */
  readonly resumeDue: (task: DueTask) => Promise<void>;
  /** Told of each that was written; `lagMs` behind its time. For the metrics. */
  readonly onFired: (plan: FirePlan, lagMs: number, policy: DueTask["misfire_policy"]) => void;
}

/** Fires a task that is due, or ends its pause. What another scheduler has done meanwhile leaves nothing. */
export function createFireTask(deps: FireDeps): (task: DueTask) => Promise<void> {
  const { take, packs, schedules, audit, newId } = deps;
  return async function fireTask(task) {
    if (task.next_run === null) return await deps.resumeDue(task);
    const schedule = schedules.of(task);
    if (schedule === undefined)
      throw new Error(`the schedule of the task ${nameOf(task)} cannot be read by this version`);
    const due = Date.parse(task.next_run);
    const now = Date.parse(task.now);
    const plan = await planFire({ ...task, nextRun: due }, schedule, now);
    const arrival = fireArrival(task, plan, due, {
      ...{ fire: newId(), audit },
      startsWith: () => startsWith(task, packs),
    });
    const taken = await take(arrival);
    if (taken.refused === undefined && !taken.duplicate)
      deps.onFired(plan, now - due, task.misfire_policy);
  };
}
