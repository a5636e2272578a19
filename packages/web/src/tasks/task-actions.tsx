import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Task } from "@yardmaster/protocol";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { Notice } from "../design/notice.tsx";
import { Refusal } from "../run/refusal.tsx";
import { useSession } from "../session/session.tsx";
import { CancelTaskDialog } from "./cancel-task-dialog.tsx";
import { PauseTaskDialog } from "./pause-task-dialog.tsx";
import { SnoozeTaskDialog } from "./snooze-task-dialog.tsx";
import { taskName } from "./task-words.ts";

interface TaskActionsProps {
  readonly task: Task;
  onChanged(): void;
}

const DIALOGS = { snooze: SnoozeTaskDialog, pause: PauseTaskDialog, cancel: CancelTaskDialog };

/** What can be done about a task in the status that it has. */
export function TaskActions({ task, onChanged }: TaskActionsProps) {
  const [asking, setAsking] = useState<keyof typeof DIALOGS>();
  const { status, next_run } = task;
  const Asked = asking === undefined ? undefined : DIALOGS[asking];
  return (
    <>
      {status === "active" && (
        <>
          <RunNowButton task={task} onChanged={onChanged} />
          {next_run !== null && (
            <Button type="button" onClick={() => setAsking("snooze")}>
              Put off
            </Button>
          )}
          <Button type="button" onClick={() => setAsking("pause")}>
            Pause
          </Button>
        </>
      )}
      {status === "paused" && <ResumeButton task={task} onChanged={onChanged} />}
      {(status === "active" || status === "paused") && (
        <Button type="button" kind="danger" onClick={() => setAsking("cancel")}>
          Cancel task
        </Button>
      )}
      {Asked !== undefined && (
        <Asked task={task} onChanged={onChanged} onClose={() => setAsking(undefined)} />
      )}
    </>
  );
}

function RunNowButton({ task, onChanged }: TaskActionsProps) {
  const { client } = useSession();
  const runNow = useMutation({
    mutationFn: () => client.tasks.runNow(taskName(task)),
    onSuccess: onChanged,
    networkMode: "always",
  });
  return (
    <>
      <Button
        type="button"
        kind="primary"
        title="Beside its schedule, which stays as it is"
        disabled={runNow.isPending}
        onClick={() => runNow.mutate()}
      >
        {runNow.isPending ? "Starting…" : "Run now"}
      </Button>
      {runNow.data !== undefined && (
        <div role="status" className="order-last basis-full">
          <Notice tone="plain">
            Its run is on its way:{" "}
            <Link
              to="/runs/$id"
              params={{ id: runNow.data.run_id }}
              className="text-accent underline"
            >
              {runNow.data.run_id}
            </Link>
          </Notice>
        </div>
      )}
      <Refusal error={runNow.error} />
    </>
  );
}

function ResumeButton({ task, onChanged }: TaskActionsProps) {
  const { client } = useSession();
  const resume = useMutation({
    mutationFn: () => client.tasks.resume(taskName(task)),
    onSuccess: onChanged,
    networkMode: "always",
  });
  return (
    <>
      <Button
        type="button"
        kind="primary"
        title="By its schedule from now on"
        disabled={resume.isPending}
        onClick={() => resume.mutate()}
      >
        Resume
      </Button>
      <Refusal error={resume.error} />
    </>
  );
}
