import { compileTaskInput, type Occurrences, type Schedule } from "@yardmaster/kernel";
import type { Json, JsonObject, TaskPreview } from "@yardmaster/protocol";
import type { Starter } from "../rules/index.ts";
import type { SaidTask } from "./read-task.ts";
import { timeOf } from "./schedules.ts";

export interface PreviewOf {
  readonly schedule: Pick<Schedule, "next" | "warnings">;
  /** The first time, where it is another than the schedule says. */
  readonly first?: number | undefined;
  readonly with: Starter["with"];
  readonly named: { readonly task: string; readonly task_id: string; readonly title: string };
}

const NEAR_MS = 60_000;

/** When it is due next, and what the run of the first of these times would be given. */
export function previewTask(
  of: PreviewOf,
  { count, at }: { readonly count: number; readonly at?: string | undefined },
  now: number,
): TaskPreview {
  const times = nextTimes(of, count, now);
  const [first] = times;
  return {
    times: times.map((ms) => timeOf(ms) ?? ""),
    warnings: [...of.schedule.warnings],
    input: first === undefined ? null : inputAt(of, first),
    ...(at === undefined ? {} : { matches: isNear(of.schedule, Date.parse(at)) }),
  };
}

function nextTimes({ schedule, first }: PreviewOf, count: number, now: number): number[] {
  const times = first === undefined ? [] : [first];
  let last = first ?? now;
  while (times.length < count) {
    const next = schedule.next(last);
    if (next === undefined) break;
    times.push(next);
    last = next;
  }
  return times;
}

function inputAt({ with: input, named }: PreviewOf, at: number): Json {
  const time = timeOf(at);
  const data = { ...named, scheduled_for: time, coalesced: 0, reason: "schedule" };
  const source = `/tasks/${named.task}`;
  const event = {
    id: named.task_id,
    type: "schedule.due",
    source,
    subject: named.task,
    time,
    data,
  };
  const rendered = input?.render({ event }) ?? { ok: true as const, value: {} };
  return rendered.ok ? rendered.value : null;
}

function isNear(schedule: Occurrences, at: number): boolean {
  const next = schedule.next(at - NEAR_MS - 1);
  return next !== undefined && next <= at + NEAR_MS;
}

/** The `with` of an input that was checked. */
function templateOf(input: JsonObject): Starter["with"] {
  const compiled = compileTaskInput(input);
  return compiled.ok ? compiled.value : undefined;
}

/** Of a task as it was said. */
export function previewOfSaid(
  task: SaidTask,
  query: Parameters<typeof previewTask>[1],
  on: {
    readonly at: number;
    readonly first: number | undefined;
    readonly named: { readonly task: string; readonly task_id: string; readonly title: string };
  },
): TaskPreview {
  const { first, named } = on;
  return previewTask(
    { schedule: task.read, first, with: templateOf(task.input), named },
    query,
    on.at,
  );
}
