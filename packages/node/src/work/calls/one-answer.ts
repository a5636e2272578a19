import type { OutgoingNodeFrame } from "@yardmaster/protocol/node";
import type { Outbox } from "../outbox.ts";
import type { Remembered } from "./remembered.ts";

/** Carries a call out, and gives its answer to `done`; once, or again each time where nothing is remembered. */
export type CarryOut = (done: (answer: OutgoingNodeFrame) => void) => void;

/**
 * A call that is answered by one frame. The answer is remembered, so that the call is never carried out twice;
 * but where that does no harm and answers are large (a read), it is carried out again instead.
 */
export function createOneAnswer(
  id: string,
  outbox: Outbox,
  carryOut: CarryOut,
  isRepeatable = false,
): Remembered {
  let state: "queued" | "running" | "finished" = "queued";
  let isHeld = false;
  let isMuted = false;
  let answer: OutgoingNodeFrame | undefined;
  /** Holds what was asked, a file's content perhaps: not longer than it may be needed. */
  let toDo: CarryOut | undefined = carryOut;

  const take = (given: OutgoingNodeFrame): void => {
    state = "finished";
    if (!isRepeatable) toDo = undefined;
    if (!isRepeatable || isHeld) answer = given;
    if (!isHeld && !isMuted) outbox.send(given);
  };

  return {
    id,
    state: () => state,
    lastSeq: () => 0,
    hold: () => {
      isHeld = true;
    },
    goOn() {
      if (isMuted) return;
      isHeld = false;
      if (state === "running") return;
      if (answer === undefined) {
        state = "running";
        toDo?.(take);
        return;
      }
      outbox.send(answer);
      if (isRepeatable) answer = undefined;
    },
    discard() {
      isMuted = true;
    },
    mute() {
      isMuted = true;
    },
  };
}
