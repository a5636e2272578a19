import { AppError } from "@yardmaster/protocol";
import type { ResetOutcome } from "../hub.types.ts";
import { lacking } from "./exec-frame.ts";
import { nodeError } from "./node-errors.ts";
import type { PlainBody } from "./plain-call.ts";

/** A fresh shell in the place of one, and an end to all that runs in it. */
export function resetBody(
  id: string,
  { session, reason }: { readonly session: string; readonly reason: string | undefined },
  answerMs: number,
): PlainBody<ResetOutcome> {
  return {
    kind: "reset",
    isRepeatable: false,
    deadlineMs: answerMs,
    shell: session,
    frameFor(link) {
      if (!link.node.grants.exec)
        throw new AppError("not_granted", `Node ${link.node.name} is not granted exec`);
      if (!link.has("reset")) throw lacking(link.node.name, "reset");
      return { type: "reset", id, session, ...(reason !== undefined && { reason }) };
    },
    outcome(frame, node) {
      if (frame.type !== "reset_result") return undefined;
      if (frame.status === "error")
        throw nodeError(
          "reset",
          node,
          { reason: frame.error, detail: frame.error_detail },
          `session ${session} was not reset`,
        );
      return {
        callId: id,
        session: frame.session ?? session,
        shellId: frame.shell_id ?? null,
        cwd: frame.cwd ?? null,
        killed: frame.killed,
      };
    },
    failure: (error, node) => nodeError("reset", node, error, `reset ${session}`),
  };
}
