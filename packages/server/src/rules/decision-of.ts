import type { Decision } from "@yardmaster/protocol";
import type { Verdict } from "./judging.ts";

/** A verdict as the record that is kept of it. `decidedAt` is RFC 3339. */
export function decisionOf(
  verdict: Verdict,
  record: {
    readonly id: string;
    readonly eventId: string;
    readonly replay: number;
    readonly decidedAt: string;
  },
): Decision {
  return {
    id: record.id,
    event_id: record.eventId,
    rule: verdict.rule,
    status: verdict.status,
    clause: storable(verdict.clause),
    reason: storable(verdict.reason),
    run_id: verdict.run?.id ?? null,
    replay: record.replay,
    decided_at: record.decidedAt,
  };
}

const MAX_SENTENCE_LENGTH = 4_000;

/** A text column holds no NUL, and reasons quote what strangers sent. */
function storable(text: string | null): string | null {
  if (text === null) return null;
  const clean = text.replaceAll("\u0000", "\ufffd");
  return clean.length <= MAX_SENTENCE_LENGTH
    ? clean
    : `${clean.slice(0, MAX_SENTENCE_LENGTH)} … (${clean.length} characters)`;
}
