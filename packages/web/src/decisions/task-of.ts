/** As which decisions and runs of fires name the task that was due. */
const TASK = /^task:/;

/** The task that stands in the place of a rule; undefined of a rule. */
export function taskOf(rule: string): string | undefined {
  return TASK.test(rule) ? rule.replace(TASK, "") : undefined;
}
