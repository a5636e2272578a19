import { useMutation } from "@tanstack/react-query";
import type { Run } from "@yardmaster/protocol";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { useSession } from "../session/session.tsx";

interface CancelDialogProps {
  readonly run: Run;
  onCanceled(): void;
  onClose(): void;
}

export function CancelDialog({ run, onCanceled, onClose }: CancelDialogProps) {
  const { client } = useSession();
  const cancel = useMutation({
    mutationFn: () => client.runs.cancel(run.id),
    onSuccess: () => {
      onCanceled();
      onClose();
    },
    networkMode: "always",
  });
  return (
    <Dialog title={`Cancel this run of ${run.ref}?`} onClose={onClose}>
      <p className="mt-2 text-muted">
        What it is doing is told to stop. What is done stays done. A canceled run does not go on.
      </p>
      <div aria-live="polite" className="mt-3">
        {cancel.error !== null && <Notice tone="bad">{messageOf(cancel.error)}</Notice>}
      </div>
      <div className="mt-4 flex justify-end gap-2">
        <Button type="button" onClick={onClose}>
          Let it run
        </Button>
        <Button
          type="button"
          kind="danger"
          disabled={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {cancel.isPending ? "Canceling…" : "Cancel run"}
        </Button>
      </div>
    </Dialog>
  );
}
