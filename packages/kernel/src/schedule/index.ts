export { clockOf } from "./clock.ts";
export { type CompiledSchedule, compileSchedule } from "./compile-schedule.ts";
export {
  type Occurrences,
  SCHEDULE_KINDS,
  type Schedule,
  type ScheduleFlaw,
  type ScheduleKind,
  type ScheduleText,
} from "./schedule.types.ts";
