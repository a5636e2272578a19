import { useState } from "react";
import { ConfirmDialog } from "../design/confirm-dialog.tsx";
import { MomentField } from "../design/moment-field.tsx";
import { useSession } from "../session/session.tsx";
import type { TaskDialogProps } from "./task-dialog.ts";
import { taskName } from "./task-words.ts";
import { useTaskVerb } from "./use-task-verb.ts";

export function PauseTaskDialog({ task, onChanged, onClose }: TaskDialogProps) {
  const { client } = useSession();
  const [until, setUntil] = useState<string>();
  const pause = useTaskVerb({ onChanged, onClose }, () =>
    client.tasks.pause(taskName(task), until === undefined ? {} : { until }),
  );
  return (
    <ConfirmDialog
      title={`Pause the task ${task.title}`}
      yes={pause.isPending ? "Pausing…" : "Pause"}
      no="Let it go on"
      isPending={pause.isPending}
      error={pause.error}
      onYes={pause.mutate}
      onClose={onClose}
    >
      <p className="mb-3 text-muted">
        It is due at no time until it is resumed, and what would be due meanwhile is not made up
        for. Runs that it has started go on.
      </p>
      <MomentField label="It goes on by itself at (may be left out)" onMoment={setUntil} />
    </ConfirmDialog>
  );
}
