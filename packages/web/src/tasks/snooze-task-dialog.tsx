import { parseDuration } from "@yardmaster/protocol/core";
import { useState } from "react";
import { ConfirmDialog } from "../design/confirm-dialog.tsx";
import { useSession } from "../session/session.tsx";
import { Zoned } from "../time/ahead-times.tsx";
import type { TaskDialogProps } from "./task-dialog.ts";
import { taskName } from "./task-words.ts";
import { useTaskVerb } from "./use-task-verb.ts";

export function SnoozeTaskDialog({ task, onChanged, onClose }: TaskDialogProps) {
  const { client } = useSession();
  const [by, setBy] = useState("1h");
  const snooze = useTaskVerb({ onChanged, onClose }, async () =>
    client.tasks.snooze(taskName(task), { delay_seconds: secondsOf(by) }),
  );
  return (
    <ConfirmDialog
      title={`Put off the next run of ${task.title}`}
      yes={snooze.isPending ? "Putting off…" : "Put off"}
      no="Leave it"
      isPending={snooze.isPending}
      error={snooze.error}
      onYes={snooze.mutate}
      onClose={onClose}
    >
      <p className="mb-3 text-muted">
        {task.next_run !== null && (
          <>
            It is due at <Zoned at={task.next_run} zone={task.timezone} hasZone />.{" "}
          </>
        )}
        Those behind it stay; what would be due on the way is due no more.
      </p>
      <label className="block font-medium" htmlFor="snooze-by">
        So much later
      </label>
      <input
        id="snooze-by"
        className="field mt-1 w-full"
        placeholder="30m"
        aria-describedby="snooze-how"
        required
        value={by}
        onChange={(event) => setBy(event.target.value)}
      />
      <p id="snooze-how" className="mt-1 text-muted">
        Such as 30m, 2h or 1d; by 7 days at most, all in all.
      </p>
    </ConfirmDialog>
  );
}

const MAX_MS = 7 * 86_400_000;

/** @throws Error for what is no duration, and one that is too long */
function secondsOf(text: string): number {
  const ms = parseDuration(text.trim());
  if (ms === undefined) throw new Error(`"${text}" is no duration. Write it like 30m, 2h or 1d.`);
  if (ms > MAX_MS) throw new Error("A run is put off by 7 days at most, all in all.");
  return Math.round(ms / 1_000);
}
