import type { Task } from "@yardmaster/protocol";

type Scheduled = Pick<Task, "schedule_kind" | "schedule_expr" | "timezone">;

/** What a task's schedule says, in one line, with the zone whose clock it goes by. */
export function scheduleWords({ schedule_kind: kind, schedule_expr, timezone }: Scheduled): string {
  const expr = schedule_expr.replaceAll(/\s*\n\s*/g, " ");
  switch (kind) {
    case "manual":
      return "By hand";
    case "interval":
      return `Every ${expr}`;
    case "once":
      return `Once at ${expr} ${timezone}`;
    case "cron":
    case "rrule":
      return `${expr} ${timezone}`;
  }
}

/** What it is called in addresses and commands. */
export function taskName({ ref, id }: Pick<Task, "ref" | "id">): string {
  return ref ?? id;
}
