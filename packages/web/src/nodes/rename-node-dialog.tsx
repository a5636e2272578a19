import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { ConfirmDialog } from "../design/confirm-dialog.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Notice } from "../design/notice.tsx";
import { useSession } from "../session/session.tsx";
import type { NodeDialogProps } from "./node-dialog.ts";

/** Gives a node another name, and goes to where it is then. */
export function RenameNodeDialog({ node, onClose }: NodeDialogProps) {
  const { client } = useSession();
  const navigate = useNavigate();
  const [name, setName] = useState(node.name);
  const goTo = (to: string) =>
    navigate({ to: "/nodes/$name", params: { name: to }, replace: true });
  const rename = useMutation({
    mutationFn: () => client.nodes.change(node.name, { name: name.trim() }),
    // What else there is to see to is read first.
    onSuccess: ({ name: renamed, warnings }) => (warnings.length === 0 ? goTo(renamed) : undefined),
    networkMode: "always",
  });
  if (rename.data !== undefined && rename.data.warnings.length > 0) {
    const { name: renamed, warnings } = rename.data;
    return (
      <Dialog title={`It is called ${renamed} now`} onClose={() => void goTo(renamed)}>
        <div className="mt-3 space-y-3">
          {warnings.map((warning) => (
            <Notice key={warning} tone="warn">
              {warning}
            </Notice>
          ))}
        </div>
        <div className="mt-4 flex justify-end">
          <Button type="button" kind="primary" onClick={() => void goTo(renamed)}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title={`Rename ${node.name}`}
      yes={rename.isPending ? "Renaming…" : "Rename"}
      no="Keep the name"
      isPending={rename.isPending || name.trim() === "" || name.trim() === node.name}
      error={rename.error}
      onYes={rename.mutate}
      onClose={onClose}
    >
      <p className="mb-3 text-muted">
        Its machine is told, and may come by the old name until another node is called so. Steps and
        commands that name it must name it anew.
      </p>
      <label className="block font-medium" htmlFor="node-new-name">
        New name
      </label>
      <input
        id="node-new-name"
        className="field mt-1 w-full"
        spellCheck={false}
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </ConfirmDialog>
  );
}
