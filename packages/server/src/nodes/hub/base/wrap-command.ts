import type { NodeBase } from "@yardmaster/protocol";

export interface WrapOptions {
  readonly base: NodeBase;
  /** Whether the client answers with chunks, which lack stderr. */
  readonly hasChunks: boolean;
}

/** The command as it is sent to a base client: verbatim, unless the node's settings ask for more. */
export function wrapCommand(command: string, { base, hasChunks }: WrapOptions): string {
  const redirects: string[] = [];
  if (base.stdin_guard) redirects.push("</dev/null");
  if (hasChunks && base.chunks === "merge") redirects.push("2>&1");
  // On lines of their own: the command may end in a comment or in a here-document.
  return redirects.length === 0 ? command : `{ ${command}\n} ${redirects.join(" ")}`;
}
