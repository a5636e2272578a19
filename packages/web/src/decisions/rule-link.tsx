import { Link } from "@tanstack/react-router";
import { taskOf } from "./task-of.ts";

/** Leads to the rule that decided; a task is named alone. */
export function RuleLink({ rule }: { readonly rule: string }) {
  const task = taskOf(rule);
  if (task !== undefined) return <span className="wrap-anywhere">Task {task}</span>;
  return (
    <Link to="/rules/$ref" params={{ ref: rule }} className="text-accent underline wrap-anywhere">
      {rule}
    </Link>
  );
}
