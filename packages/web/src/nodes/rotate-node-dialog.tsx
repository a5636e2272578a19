import { useMutation } from "@tanstack/react-query";
import { Button } from "../design/button.tsx";
import { ConfirmDialog } from "../design/confirm-dialog.tsx";
import { Dialog } from "../design/dialog.tsx";
import { useSession } from "../session/session.tsx";
import type { NodeDialogProps } from "./node-dialog.ts";
import { PastedLines } from "./pasted-lines.tsx";

/** Gives a node a new token: over its link where it can take it, else shown this once. */
export function RotateNodeDialog({ node, onChanged, onClose }: NodeDialogProps) {
  const { client } = useSession();
  const rotate = useMutation({
    mutationFn: () => client.nodes.rotate(node.name),
    onSuccess: onChanged,
    networkMode: "always",
  });
  if (rotate.data !== undefined) {
    const { token, token_kind, expires_at } = rotate.data;
    return (
      <Dialog title={`${node.name} has a new token`} onClose={onClose}>
        {token === null || token_kind === null ? (
          <p className="mt-3 text-muted">
            It went over the node’s link. The old one ends with the next login.
          </p>
        ) : (
          <PastedLines paired={{ node, token, token_kind, expires_at }} isPaired />
        )}
        <div className="mt-4 flex justify-end">
          <Button type="button" kind="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title={`Give ${node.name} a new token?`}
      yes={rotate.isPending ? "Making it…" : "New token"}
      no="Keep the old"
      isPending={rotate.isPending}
      error={rotate.error}
      onYes={rotate.mutate}
      onClose={onClose}
    >
      <p className="text-muted">
        {node.status === "connected"
          ? "It is sent over the node’s link where the node can take it; else it is shown here, this once. "
          : "It is shown here, this once, to be pasted on the machine. "}
        The old one is valid until the first login with the new.
      </p>
    </ConfirmDialog>
  );
}
