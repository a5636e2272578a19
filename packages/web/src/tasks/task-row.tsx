import { Link } from "@tanstack/react-router";
import type { Task } from "@yardmaster/protocol";
import { ROW_LOOK } from "../list/row-list.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { StatusBadge } from "../status/status-badge.tsx";
import { Ahead, Zoned } from "../time/ahead-times.tsx";
import { Age } from "../time/moments.tsx";
import { scheduleWords, taskName } from "./task-words.ts";

export function TaskRow({ task }: { readonly task: Task }) {
  return (
    <li className="border-line not-last:border-b">
      <Link
        to="/tasks/$task"
        params={{ task: taskName(task) }}
        className={`${ROW_LOOK} sm:grid-cols-[7.5rem_1fr_13rem_8.5rem]`}
      >
        <span className="max-sm:justify-self-end">
          <Badge look={HOUSE_LOOKS[task.status]} />
        </span>
        <span className="min-w-0 max-sm:order-first">
          <span className="block truncate font-medium">{task.title}</span>
          <span className="block truncate text-[0.8125rem] text-muted">
            {task.failures > 0 ? (
              <span className="text-bad">No run could be made: {task.last_error}</span>
            ) : (
              <>
                {scheduleWords(task)}
                {task.ref !== null && task.ref !== task.title && ` · ${task.ref}`}
              </>
            )}
          </span>
        </span>
        <NextTime task={task} />
        <LastRun task={task} />
      </Link>
    </li>
  );
}

function NextTime({ task: { next_run, snoozed_until, timezone, resume_at } }: TaskPart) {
  if (next_run === null)
    return (
      <span className="text-[0.8125rem] text-muted">
        {resume_at === null ? (
          <span className="max-sm:hidden">–</span>
        ) : (
          <>
            Goes on <Ahead at={resume_at} />
          </>
        )}
      </span>
    );
  return (
    <span className="min-w-0 text-[0.8125rem] tabular-nums">
      <Zoned at={next_run} zone={timezone} />
      <span className="block text-muted">
        <Ahead at={next_run} />
        {snoozed_until !== null && ", put off"}
      </span>
    </span>
  );
}

function LastRun({ task: { last_run, last_run_status } }: TaskPart) {
  if (last_run === null)
    return <span className="text-right text-[0.8125rem] text-muted">Never ran</span>;
  return (
    <span className="flex flex-col items-end gap-0.5 text-[0.8125rem] text-muted">
      {last_run_status !== null && <StatusBadge status={last_run_status} />}
      <Age at={last_run} />
    </span>
  );
}

interface TaskPart {
  readonly task: Task;
}
