import type {
  CancelAnswer,
  CreatedTask,
  NewId,
  PauseAnswer,
  ResumeAnswer,
  RunNowAnswer,
  SnoozeAnswer,
  SnoozeTask,
  Task,
  TaskExplanation,
  TaskPreview,
} from "@yardmaster/protocol";
import type { Audit } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import type { RunningEngine, RunRecord } from "../engine/index.ts";
import type { Intake } from "../inbox/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Page } from "../paging/index.ts";
import type { Rules } from "../rules/index.ts";
import type { SaidFields } from "./read-task.ts";
import type { TaskFilter } from "./tasks.store.ts";

export interface TasksDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly packs: Pick<Packs, "tasks" | "source">;
  readonly engine: Pick<RunningEngine, "run" | "runs" | "cancel" | "sessions">;
  readonly rules: Pick<Rules, "decisions">;
  readonly take: Intake;
  readonly audit: Pick<Audit, "recordWithin" | "withRun">;
  readonly newId: NewId;
  readonly now: () => number;
}

export interface PreviewQuery {
  readonly count: number;
  readonly at?: string | undefined;
}

/** Schedules bound to workflows: those of packs, and those that people make. Names are ids, or refs of packs' tasks. */
export interface Tasks {
  /** A page, newest first. @throws AppError `invalid_cursor` */
  list(filter: TaskFilter & { readonly limit: number }): Promise<Page<Task>>;
  /** All of them, each with whether there is what it starts. */
  all(): Promise<readonly { readonly task: Task; readonly isStartable: boolean }[]>;
  /** @throws AppError `not_found` */
  get(name: string): Promise<Task>;
  /** @throws AppError `invalid_task` */
  create(
    said: SaidFields,
    who: { readonly by: string; readonly owner: string },
  ): Promise<CreatedTask>;
  /** `said` is what the task is to be, made of what it is. @throws AppError `not_found`, `task_final`, `conflict`, `stale_version`, `invalid_task` */
  change(
    name: string,
    said: (is: SaidFields) => SaidFields,
    who: { readonly by: string; readonly version: number | undefined },
  ): Promise<Task>;
  /** What its runs and decisions say stays. @throws AppError `not_found`, `conflict` of a pack's */
  remove(name: string, by: string): Promise<void>;
  pause(name: string, by: string, until: string | undefined): Promise<PauseAnswer>;
  resume(name: string, by: string): Promise<ResumeAnswer>;
  snooze(name: string, by: string, to: SnoozeTask): Promise<SnoozeAnswer>;
  cancel(name: string, by: string, running: "finish" | "abort"): Promise<CancelAnswer>;
  runNow(name: string, by: string, reason: string | undefined): Promise<RunNowAnswer>;
  runs(
    name: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<RunRecord>>;
  preview(name: string, query: PreviewQuery): Promise<TaskPreview>;
  /** Of a task that is not made. @throws AppError `invalid_task` */
  previewSaid(said: SaidFields, query: PreviewQuery): TaskPreview;
  explain(name: string): Promise<TaskExplanation>;
}
