import type { Task, TaskPreview } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { Notice } from "../design/notice.tsx";
import { Sentence } from "../design/sentence.tsx";
import type { Part } from "../live/read-part.ts";
import { knownZone } from "../time/ahead.ts";
import { Ahead, Zoned } from "../time/ahead-times.tsx";

interface NextTimesCardProps {
  readonly task: Task;
  readonly preview: Part<TaskPreview>;
}

/** When a task is due next, by the clock of its zone, and what its next run is given. */
export function NextTimesCard({ task, preview: { data, error } }: NextTimesCardProps) {
  return (
    <Card title="Next times" aside={<span className="text-muted">{knownZone(task.timezone)}</span>}>
      {data === undefined ? (
        <div className="p-4">
          <Failure error={error} to="read tasks" />
        </div>
      ) : (
        <>
          {data.warnings.length > 0 && (
            <div className="space-y-2 px-4 pt-3">
              {data.warnings.map((warning) => (
                <Notice key={warning} tone="warn">
                  <Sentence text={warning} />
                </Notice>
              ))}
            </div>
          )}
          {(task.status !== "active" || data.times.length === 0) && (
            <p className="px-4 py-3 text-muted">{neverText(task)}</p>
          )}
          {task.status === "paused" && data.times.length > 0 && (
            <p className="px-4 pb-1 text-muted">By its schedule it would be due at</p>
          )}
          {data.times.length > 0 && <Times task={task} times={data.times} />}
          {data.times.length > 0 && hasFields(data.input) && (
            <details className="border-t border-line">
              <summary className="px-4 py-2 text-muted hover:text-ink">
                Input of the first of these
              </summary>
              <JsonBlock value={data.input} />
            </details>
          )}
        </>
      )}
    </Card>
  );
}

function Times({ task, times }: { readonly task: Task; readonly times: readonly string[] }) {
  return (
    <ol className="divide-y divide-line">
      {times.map((at, index) => (
        <li key={at} className="flex flex-wrap justify-between gap-x-4 px-4 py-1.5 tabular-nums">
          <Zoned at={at} zone={task.timezone} />
          <span className="text-muted">
            {index === 0 && task.snoozed_until !== null && "put off to then, "}
            <Ahead at={at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function hasFields(input: TaskPreview["input"]): boolean {
  return typeof input === "object" && input !== null && Object.keys(input).length > 0;
}

function neverText({ status, schedule_kind }: Task): string {
  if (status === "paused") return "It is paused: it is due at no time until it goes on.";
  if (status === "canceled") return "It was canceled: it is never due again.";
  if (status === "completed") return "It has been due for the last time.";
  return schedule_kind === "manual"
    ? "It has no schedule: it runs when somebody has it run."
    : "It is due at no time.";
}
