import { useMutation } from "@tanstack/react-query";
import type { TaskDialogProps } from "./task-dialog.ts";

/** Does it, and closes the dialog where that went well. */
export function useTaskVerb(
  { onChanged, onClose }: Pick<TaskDialogProps, "onChanged" | "onClose">,
  verb: () => Promise<unknown>,
) {
  return useMutation({
    mutationFn: verb,
    onSuccess: () => {
      onChanged();
      onClose();
    },
    networkMode: "always",
  });
}
