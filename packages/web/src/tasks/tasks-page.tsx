import { useNavigate } from "@tanstack/react-router";
import { TASK_STATUSES } from "@yardmaster/protocol/core";
import { useState } from "react";
import { Code } from "../design/code.tsx";
import { Command } from "../design/command.tsx";
import { Failure } from "../design/failure.tsx";
import { PageHead } from "../design/page-head.tsx";
import { ShowMore } from "../design/show-more.tsx";
import { Choices } from "../list/choices.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { RowList } from "../list/row-list.tsx";
import { TextFilter } from "../list/text-filter.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import type { TaskFilter } from "./task-filter.ts";
import { TaskRow } from "./task-row.tsx";
import { useTasks } from "./use-tasks.ts";

/** More are read on demand: the list is read anew as a whole when it may be old. */
const PAGE_TASKS = 50;

const CHOICES = [
  { value: undefined, word: "All" },
  ...TASK_STATUSES.map((value) => ({ value, word: HOUSE_LOOKS[value].word })),
];

/** What is due at times, newest first: when next, and how it went last. */
export function TasksPage({ filter }: { readonly filter: TaskFilter }) {
  const navigate = useNavigate();
  const { status, q } = filter;
  const show = (next: TaskFilter): void => void navigate({ to: "/tasks", search: next });
  return (
    <>
      <title>Tasks — Yardmaster</title>
      <PageHead title="Tasks" />
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Choices
          label="Filter by status"
          choices={CHOICES}
          chosen={status}
          onChoose={(next) => show({ ...(q && { q }), ...(next && { status: next }) })}
        />
        <TextFilter
          label="Title or name"
          value={q}
          className="sm:ml-auto sm:w-64 max-sm:w-full"
          onValue={(next) => show({ ...(status && { status }), ...(next && { q: next }) })}
        />
      </div>
      <TasksList key={`${status} ${q}`} filter={filter} />
    </>
  );
}

function TasksList({ filter }: { readonly filter: TaskFilter }) {
  const [most, setMost] = useState(PAGE_TASKS);
  const { query } = useTasks(filter, most);
  const { data, error, isPlaceholderData } = query;
  if (data?.items.length === 0) return <NoTasks filter={filter} />;
  return (
    <div className="mt-4">
      {data === undefined && error !== null && (
        <Failure error={error} to="read tasks" onRetry={() => void query.refetch()} />
      )}
      {data === undefined && error === null && <RowList label="Tasks" />}
      {data !== undefined && (
        <RowList label="Tasks, newest first" isBusy={isPlaceholderData}>
          {data.items.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
          {data.hasMore && (
            <ShowMore
              of="the tasks"
              className="px-4 py-3"
              onMore={() => setMost(most + PAGE_TASKS)}
            />
          )}
        </RowList>
      )}
    </div>
  );
}

function NoTasks({ filter: { status, q } }: { readonly filter: TaskFilter }) {
  if (status !== undefined || q !== undefined)
    return (
      <EmptyList
        title={`No ${status === undefined ? "" : `${HOUSE_LOOKS[status].word.toLowerCase()} `}task${q === undefined ? "" : ` with “${q}”`}`}
      >
        One that fits appears here as soon as there is one.
      </EmptyList>
    );
  return (
    <EmptyList title="There are no tasks">
      <p>
        A task says when, and what is started. A pack defines them in <Code>tasks/*.yaml</Code>; one
        by hand is made with
      </p>
      <Command>{'yard tasks create "Say hello" --every 15m --run core.echo hello=world'}</Command>
    </EmptyList>
  );
}
