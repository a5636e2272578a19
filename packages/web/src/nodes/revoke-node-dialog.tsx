import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "../design/confirm-dialog.tsx";
import { useSession } from "../session/session.tsx";
import type { NodeDialogProps } from "./node-dialog.ts";

export function RevokeNodeDialog({ node, onChanged, onClose }: NodeDialogProps) {
  const { client } = useSession();
  const [reason, setReason] = useState("");
  const revoke = useMutation({
    mutationFn: () =>
      client.nodes.revoke(node.name, reason.trim() === "" ? {} : { reason: reason.trim() }),
    onSuccess: () => {
      onChanged();
      onClose();
    },
    networkMode: "always",
  });
  return (
    <ConfirmDialog
      title={`Revoke ${node.name}?`}
      yes={revoke.isPending ? "Revoking…" : "Revoke node"}
      no="Keep it"
      kind="danger"
      isPending={revoke.isPending}
      error={revoke.error}
      onYes={revoke.mutate}
      onClose={onClose}
    >
      <p className="mb-3 text-muted">
        Its token is void, its link is closed at once and its calls fail. It cannot be brought back:
        the machine would have to be paired anew.
      </p>
      <label className="block font-medium" htmlFor="revoke-reason">
        Why <span className="font-normal text-muted">(may be left out)</span>
      </label>
      <input
        id="revoke-reason"
        className="field mt-1 w-full"
        placeholder="For the audit, and for whoever looks at the node"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </ConfirmDialog>
  );
}
