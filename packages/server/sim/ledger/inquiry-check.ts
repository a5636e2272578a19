import type { RunEvent } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import { rowKey, type Tables } from "../model/index.ts";
import { keyOf } from "./child.ts";

/** Whether each answer that was acknowledged is the one that is kept, and was applied once; and nothing stays open. */
export function createInquiryCheck(tables: Tables, breach: (what: string) => void) {
  const acknowledged = new Map<string, string>();
  const applied = new Map<string, string>();

  return {
    answered(place: AttemptRow, answer: Json): void {
      const key = keyOf(place);
      if (acknowledged.has(key)) breach(`two answers to inquiry ${key} were acknowledged`);
      acknowledged.set(key, JSON.stringify(answer));
    },
    /** An op that has become durable. */
    written({ runId, events }: RunOp): void {
      // The text is looked at first: hardly any has it.
      if (!events.includes('"inquiry_answered"')) return;
      for (const event of JSON.parse(events) as readonly RunEvent[]) {
        if (event.type !== "inquiry_answered") continue;
        const key = rowKey(runId, event.slot, event.number);
        if (applied.has(key)) breach(`inquiry ${key} was answered twice`);
        applied.set(key, JSON.stringify(event.answer));
      }
    },
    /** When everything has ended. */
    close(): void {
      for (const [key, answer] of acknowledged) {
        const row = tables.inquiries.get(key);
        if (applied.get(key) !== answer || row?.answer !== answer || row.status !== "answered")
          breach(`the answer to inquiry ${key} was acknowledged and is not kept`);
      }
      for (const [key, { runId, status, answer }] of tables.inquiries) {
        if (status === "open" && !tables.runs.has(runId))
          breach(`inquiry ${key} is open though its run has ended`);
        if (status === "answered" && applied.get(key) !== answer)
          breach(`inquiry ${key} has an answer that its run never took`);
      }
    },
  };
}
