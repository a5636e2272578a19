import { compileTaskInput } from "@yardmaster/kernel";
import type { Packs } from "../packs/index.ts";
import type { Starter } from "../rules/index.ts";
import { nameOf, type TaskRow } from "./task-row.ts";

/** What a task starts: of a pack's as its files say now, of one that a person has made as it is stored. */
export function startsWith(
  task: Pick<TaskRow, "ref" | "id" | "run" | "input">,
  packs: Pick<Packs, "tasks">,
): Pick<Starter, "run" | "with" | "held"> {
  if (task.input !== null) {
    const input = compileTaskInput(task.input);
    if (input.ok) return { run: task.run, with: input.value };
    return { run: task.run, held: `its input cannot be read: ${input.errors[0]?.message}` };
  }
  const definition = packs.tasks().find(({ ref }) => ref === task.ref);
  if (definition !== undefined) return { run: definition.run, with: definition.with };
  return { run: task.run, held: `no active pack has the task ${nameOf(task)} any more` };
}
