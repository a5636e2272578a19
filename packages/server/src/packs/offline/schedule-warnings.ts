import {
  compileSchedule,
  type DocumentNode,
  nodeAt,
  type PackDefinition,
  type Problem,
} from "@yardmaster/kernel";

const OVER =
  "it is due at no time from now on: its times have passed (look at `at`, `dtstart`, `ends_at`, COUNT and UNTIL)";

/** What is unlikely to be meant of the schedules of a pack's tasks: dates that are rare, times within a change of the clocks. */
export function scheduleWarnings(
  { tasks }: Pick<PackDefinition, "tasks">,
  roots: readonly DocumentNode[],
  now: number,
): Problem[] {
  return roots.flatMap((root) => {
    if (root.kind !== "map" || !root.entries.has("task")) return [];
    const name = nodeAt(root, ["task"]);
    const task = tasks.find(({ ref }) => name.kind === "scalar" && ref === name.value);
    const compiled = task && compileSchedule(task.schedule, now);
    if (compiled?.ok !== true) return [];
    const { place } = nodeAt(root, ["schedule"]);
    const isOver = compiled.schedule.next(now) === undefined;
    return [...compiled.schedule.warnings, ...(isOver ? [OVER] : [])].map((message) => ({
      ...place,
      message,
    }));
  });
}
