import { compileSchedule, type Schedule } from "@yardmaster/kernel";
import type { TaskRow } from "./task-row.ts";

/** Reads the schedules of stored tasks, each once. */
export interface Schedules {
  /** Undefined where this build cannot read it any more. */
  of(task: Pick<TaskRow, "schedule" | "anchor">): Schedule | undefined;
}

const MAX_KEPT = 5_000;

export function createSchedules(): Schedules {
  const kept = new Map<string, Schedule | undefined>();
  return {
    of({ schedule, anchor }) {
      const key = `${anchor} ${JSON.stringify(schedule)}`;
      if (kept.has(key)) return kept.get(key);
      const compiled = compileSchedule(schedule, Date.parse(anchor));
      if (kept.size >= MAX_KEPT) kept.clear();
      const read = compiled.ok ? compiled.schedule : undefined;
      kept.set(key, read);
      return read;
    },
  };
}

/** An instant of a schedule as it is stored. */
export function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
