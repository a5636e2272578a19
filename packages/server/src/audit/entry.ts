import type { NewId } from "@yardmaster/protocol";
import type { AuditEntry } from "./audit.types.ts";
import { boundedDetails, cutText, storable } from "./bounds.ts";
import type { AuditBody } from "./canonical.ts";
import { createMasks } from "./masking.ts";

const MAX_WORD_BYTES = 300;

export interface EntryMaker {
  /** What is kept of an entry. Whatever a feature hands over can be stored. */
  make(entry: AuditEntry): AuditBody;
}

/** `secrets` are masked wherever they stand in details. */
export function createEntryMaker(
  { newId, now }: { readonly newId: NewId; readonly now: () => number },
  secrets: readonly (string | undefined)[],
): EntryMaker {
  const masks = createMasks(secrets);

  return {
    make: (entry) => ({
      id: newId(),
      ts: (entry.at ?? new Date(now())).toISOString(),
      actor: word(entry.actor),
      action: word(entry.action),
      node: word(entry.subject),
      node_id: wordOrNull(entry.nodeId),
      request_id: wordOrNull(entry.requestId),
      phase: entry.phase,
      status: entry.phase === "begin" ? null : word(entry.status ?? "ok"),
      duration_ms: whole(entry.durationMs),
      exit_code: whole(entry.exitCode),
      session_id: wordOrNull(entry.sessionId),
      details: boundedDetails(entry.details ?? {}, masks),
    }),
  };
}

function word(text: string): string {
  return cutText(storable(text), MAX_WORD_BYTES);
}

function wordOrNull(text: string | undefined): string | null {
  return text === undefined ? null : word(text);
}

function whole(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.round(value)));
}
