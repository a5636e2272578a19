import { useState } from "react";
import { Button } from "../design/button.tsx";
import type { NodeDialogProps } from "./node-dialog.ts";
import { RenameNodeDialog } from "./rename-node-dialog.tsx";
import { RevokeNodeDialog } from "./revoke-node-dialog.tsx";
import { RotateNodeDialog } from "./rotate-node-dialog.tsx";

const DIALOGS = {
  rename: RenameNodeDialog,
  rotate: RotateNodeDialog,
  revoke: RevokeNodeDialog,
};

/** What can be done about a node that was not revoked. */
export function NodeActions({ node, onChanged }: Omit<NodeDialogProps, "onClose">) {
  const [asking, setAsking] = useState<keyof typeof DIALOGS>();
  const Asked = asking === undefined ? undefined : DIALOGS[asking];
  return (
    <>
      <Button type="button" onClick={() => setAsking("rename")}>
        Rename
      </Button>
      <Button type="button" onClick={() => setAsking("rotate")}>
        New token
      </Button>
      <Button type="button" kind="danger" onClick={() => setAsking("revoke")}>
        Revoke node
      </Button>
      {Asked !== undefined && (
        <Asked node={node} onChanged={onChanged} onClose={() => setAsking(undefined)} />
      )}
    </>
  );
}
