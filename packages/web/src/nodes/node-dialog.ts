import type { YardNode } from "@yardmaster/protocol";

/** Of each dialog that does something about a node. */
export interface NodeDialogProps {
  readonly node: YardNode;
  onChanged(): void;
  onClose(): void;
}
