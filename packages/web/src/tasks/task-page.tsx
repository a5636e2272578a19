import { Notice } from "../design/notice.tsx";
import { PageHead } from "../design/page-head.tsx";
import { PageLoading } from "../design/page-loading.tsx";
import { ExplanationCard } from "../run/explanation-card.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { NextTimesCard } from "./next-times-card.tsx";
import { TaskActions } from "./task-actions.tsx";
import { TaskFactsCard } from "./task-facts-card.tsx";
import { TaskRunsCard } from "./task-runs-card.tsx";
import { scheduleWords } from "./task-words.ts";
import { useTask } from "./use-task.ts";

/** One task: when it is due, how its runs went, and why; and what can be done about it. */
export function TaskPage({ name }: { readonly name: string }) {
  const { query, refresh } = useTask(name);
  if (query.data === undefined)
    return query.error === null ? (
      <PageLoading />
    ) : (
      <NotShown error={query.error} what="task" all="/tasks" />
    );
  const { task, preview, runs, explanation } = query.data;
  return (
    <>
      <title>{`${task.title} — Yardmaster`}</title>
      <PageHead
        title={task.title}
        within={{ to: "/tasks", word: "Tasks" }}
        beside={
          <>
            <span role="status">
              <Badge look={HOUSE_LOOKS[task.status]} />
            </span>
            <span className="text-muted wrap-anywhere">{scheduleWords(task)}</span>
          </>
        }
        actions={<TaskActions task={task} onChanged={refresh} />}
      >
        {task.description !== "" && (
          <p className="mt-1.5 max-w-3xl whitespace-pre-wrap text-muted wrap-anywhere">
            {task.description}
          </p>
        )}
        {task.failures > 0 && (
          <div className="mt-3">
            <Notice tone="bad">
              {`Of the last ${task.failures === 1 ? "fire" : `${task.failures} fires`} no run could be made: ${task.last_error}`}
            </Notice>
          </div>
        )}
      </PageHead>
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          <NextTimesCard task={task} preview={preview} />
          <TaskRunsCard runs={runs} />
        </div>
        <div className="space-y-5">
          <ExplanationCard explanation={explanation} />
          <TaskFactsCard task={task} />
        </div>
      </div>
    </>
  );
}
