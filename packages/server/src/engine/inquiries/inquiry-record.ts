import { hasIndex, parseSlotKey } from "@yardmaster/kernel";
import type { Inquiry } from "@yardmaster/protocol";
import type { InquiryRow } from "./inquiries.store.ts";

/** The public record of an inquiry. */
export function inquiryRecord(row: InquiryRow): Inquiry {
  const { question, slot, ended_at, status } = row;
  const endedAt = ended_at === null ? null : iso(ended_at);
  return {
    id: row.id,
    status,
    run_id: row.run_id,
    ref: row.ref,
    step: slot,
    index: hasIndex(slot) ? parseSlotKey(slot).index : null,
    attempt: row.number,
    about: question.about,
    title: question.title ?? null,
    prompt: question.prompt,
    schema: question.schema,
    ...(question.default === undefined ? {} : { default: question.default }),
    assigned_to: row.assigned_to === null ? null : [...row.assigned_to],
    asked_at: iso(row.asked_at),
    expires_at: row.expires_at === null ? null : iso(row.expires_at),
    ended_at: endedAt,
    answer: row.answer,
    answered_by: row.answered_by,
    answered_at: status === "answered" ? endedAt : null,
  };
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
