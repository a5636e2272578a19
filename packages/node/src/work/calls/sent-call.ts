import type { Outbox } from "../outbox.ts";
import type { Budget } from "../output/budget.ts";
import type { Chunk } from "../output/outflow.ts";
import type { Remembered } from "./remembered.ts";

export interface SentCallDeps {
  readonly outbox: Outbox;
  readonly budget: Budget;
}

/**
 * A call whose answer has been sent: what the server may ask for again. Ten thousand are remembered; as they were, with
 * their streams and timers, they would take 90 MB.
 */
export function createSentCall(
  { id, input }: Pick<Remembered, "id" | "input">,
  sent: readonly Chunk[],
  { outbox, budget }: SentCallDeps,
): Remembered {
  const lastSeq = sent.at(-1)?.seq ?? 0;
  let left = sent;

  const keep = (isKept: (chunk: Chunk) => boolean): void => {
    for (const chunk of left) if (!isKept(chunk)) budget.add(-chunk.bytes);
    left = left.filter(isKept);
  };
  const forget = (): void => keep(() => false);

  return {
    id,
    state: () => "finished",
    lastSeq: () => lastSeq,
    sentBytes: () => left.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(input !== undefined && { input }),
    ack: (seq) => keep((chunk) => chunk.seq > seq),
    hold() {},
    goOn(fromSeq) {
      keep((chunk) => chunk.seq === 0 || chunk.seq > fromSeq);
      for (const { frame } of left) outbox.send(frame);
    },
    discard: forget,
    mute: forget,
  };
}
