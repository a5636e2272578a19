import { expect, test } from "vitest";
import { scheduleWords } from "./task-words.ts";

const timezone = "Europe/Berlin";

test("says each kind of schedule in one line", () => {
  const words = (schedule_kind: "cron" | "rrule" | "once" | "interval" | "manual", expr: string) =>
    scheduleWords({ schedule_kind, schedule_expr: expr, timezone });
  expect(words("cron", "30 2 * * 1-5")).toBe("30 2 * * 1-5 Europe/Berlin");
  expect(words("rrule", "FREQ=DAILY\n  ;COUNT=2")).toBe("FREQ=DAILY ;COUNT=2 Europe/Berlin");
  expect(words("once", "2027-03-01T08:00")).toBe("Once at 2027-03-01T08:00 Europe/Berlin");
  expect(words("interval", "90s")).toBe("Every 90s");
  expect(words("manual", "")).toBe("By hand");
});
