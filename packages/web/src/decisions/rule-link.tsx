import { Link } from "@tanstack/react-router";
import { taskOf } from "./task-of.ts";

/** Leads to the rule, or the task, that decided. */
export function RuleLink({ rule }: { readonly rule: string }) {
  const task = taskOf(rule);
  if (task !== undefined)
    return (
      <Link to="/tasks/$task" params={{ task }} className="text-accent underline wrap-anywhere">
        Task {task}
      </Link>
    );
  return (
    <Link to="/rules/$ref" params={{ ref: rule }} className="text-accent underline wrap-anywhere">
      {rule}
    </Link>
  );
}
