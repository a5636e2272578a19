import type { Task } from "@yardmaster/protocol";

/** Of each dialog that does something about a task. */
export interface TaskDialogProps {
  readonly task: Task;
  onChanged(): void;
  onClose(): void;
}
