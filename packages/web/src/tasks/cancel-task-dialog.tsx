import { useState } from "react";
import { ConfirmDialog } from "../design/confirm-dialog.tsx";
import { useSession } from "../session/session.tsx";
import type { TaskDialogProps } from "./task-dialog.ts";
import { taskName } from "./task-words.ts";
import { useTaskVerb } from "./use-task-verb.ts";

export function CancelTaskDialog({ task, onChanged, onClose }: TaskDialogProps) {
  const { client } = useSession();
  const [isAborting, setAborting] = useState(false);
  const cancel = useTaskVerb({ onChanged, onClose }, () =>
    client.tasks.cancel(taskName(task), { running: isAborting ? "abort" : "finish" }),
  );
  return (
    <ConfirmDialog
      title={`Cancel the task ${task.title}?`}
      yes={cancel.isPending ? "Canceling…" : "Cancel task"}
      no="Keep it"
      kind="danger"
      isPending={cancel.isPending}
      error={cancel.error}
      onYes={cancel.mutate}
      onClose={onClose}
    >
      <p className="text-muted">
        It is never due again, and cannot be brought back: a pause can. Its runs that have not begun
        are canceled with it.
      </p>
      <label className="mt-3 flex items-center gap-2">
        <input type="checkbox" checked={isAborting} onChange={() => setAborting(!isAborting)} />
        Cancel its runs that have begun too
      </label>
    </ConfirmDialog>
  );
}
