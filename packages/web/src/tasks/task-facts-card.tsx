import { Link } from "@tanstack/react-router";
import type { Task } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { Ahead, Zoned } from "../time/ahead-times.tsx";
import { Age } from "../time/moments.tsx";
import { scheduleWords, taskName } from "./task-words.ts";

const OF_MISSED = {
  run_once: "one run for those of a time",
  skip: "left out",
  run_all: "a run for each",
} as const;

/** What a task says of itself: what it starts, by which schedule, and what becomes of missed fires. */
export function TaskFactsCard({ task }: { readonly task: Task }) {
  const { timezone, payload, ends_at, status_by, resume_at, snoozed_until } = task;
  return (
    <>
      <Card
        title="Details"
        aside={<CopyButton text={taskName(task)} label="Copy the task's name" />}
      >
        <Facts>
          <Fact name="Task">
            <Code>{taskName(task)}</Code>
          </Fact>
          <Fact name="Schedule">{scheduleWords(task)}</Fact>
          <Fact name="Starts">
            <Link
              to="/"
              search={{ ref: payload.workflow }}
              activeOptions={{ exact: true }}
              className="text-accent underline"
            >
              {payload.workflow}
            </Link>
          </Fact>
          <Fact name="Made by">{task.created_by}</Fact>
          {ends_at !== null && (
            <Fact name="Ends">
              <Zoned at={ends_at} zone={timezone} hasZone />
            </Fact>
          )}
          {snoozed_until !== null && (
            <Fact name="Put off to">
              <Zoned at={snoozed_until} zone={timezone} hasZone />
            </Fact>
          )}
          {resume_at !== null && (
            <Fact name="Goes on">
              <Ahead at={resume_at} />
            </Fact>
          )}
          <Fact name="Since">
            <Age at={task.status_since} />
            {status_by !== null && ` by ${status_by}`}
          </Fact>
          <Fact name="Runs">{task.run_count.toLocaleString()}</Fact>
          <Fact name="If missed">
            {OF_MISSED[task.misfire_policy]}
            {task.missed_count > 0 && `; ${task.missed_count.toLocaleString()} so far`}
          </Fact>
        </Facts>
      </Card>
      {payload.input !== null && Object.keys(payload.input).length > 0 && (
        <Card title="Input that it gives">
          <JsonBlock value={payload.input} />
        </Card>
      )}
    </>
  );
}
