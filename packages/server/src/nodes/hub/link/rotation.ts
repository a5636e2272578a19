import { createHash } from "node:crypto";
import type { NodeFrames } from "@yardmaster/protocol/node";
import type { RotateOutcome } from "../hub.types.ts";
import type { Link } from "./link.types.ts";

type Answer = NodeFrames["rotate_ok"] | NodeFrames["rotate_err"];

/** New tokens that were sent to nodes and not yet confirmed. */
export interface Rotations {
  send(
    link: Link,
    token: { readonly text: string; readonly oldValidMs: number },
  ): Promise<RotateOutcome>;
  /** False: nobody asked for it. */
  take(sessionId: string, answer: Answer): boolean;
  /** The link is gone, and with it the answer. */
  ended(sessionId: string): void;
}

interface Open {
  readonly sessionId: string;
  readonly sha256: string;
  readonly settle: (outcome: RotateOutcome) => void;
}

export function createRotations(newId: () => string, answerMs: number): Rotations {
  const open = new Map<string, Open>();

  function settle(id: string, outcome: RotateOutcome): void {
    open.get(id)?.settle(outcome);
    open.delete(id);
  }

  return {
    send(link, { text, oldValidMs }) {
      const { name } = link.node;
      if (!link.has("rotate"))
        return unsupported(`The client of node ${name} cannot take a new token over its link`);
      if (!link.isTls && !link.isSealed)
        return unsupported(`The link of node ${name} has neither TLS nor end-to-end encryption`);
      const id = newId();
      return new Promise((resolve) => {
        const timer = setTimeout(
          () => settle(id, refused(`Node ${name} did not answer within ${answerMs / 1_000} s`)),
          answerMs,
        );
        timer.unref();
        const sha256 = createHash("sha256").update(text).digest("hex");
        const done = (outcome: RotateOutcome): void => {
          clearTimeout(timer);
          resolve(outcome);
        };
        open.set(id, { sessionId: link.sessionId, sha256, settle: done });
        link.send({ type: "rotate_token", id, new_token: text, old_valid_ms: oldValidMs });
      });
    },
    take(sessionId, answer) {
      const asked = open.get(answer.id);
      if (asked?.sessionId !== sessionId) return false;
      if (answer.type === "rotate_err") settle(answer.id, refused(answer.reason));
      else if (answer.sha256 === asked.sha256) settle(answer.id, { status: "delivered" });
      else settle(answer.id, refused("It has stored another token than it was sent"));
      return true;
    },
    ended(sessionId) {
      for (const [id, asked] of [...open])
        if (asked.sessionId === sessionId) settle(id, refused("Its link was lost meanwhile"));
    },
  };
}

function unsupported(reason: string): Promise<RotateOutcome> {
  return Promise.resolve({ status: "unsupported", reason });
}

function refused(reason: string): RotateOutcome {
  return { status: "refused", reason };
}
