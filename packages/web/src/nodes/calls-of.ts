import type { AuditRecord } from "@yardmaster/protocol";

/** Something that was done to a node, or that it did. */
export interface NodeAct {
  readonly key: string;
  /** `exec`, `connect`. */
  readonly what: string;
  /** The command, the path or whatever else says more; empty where nothing does. */
  readonly about: string;
  readonly actor: string;
  readonly at: string;
  /** Null while it goes on, or where its end was never kept. */
  readonly status: string | null;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
}

/** One act of the two entries of each call; newest first, as the audit lists them. */
export function callsOf(entries: readonly AuditRecord[]): NodeAct[] {
  const begins = new Map<string, AuditRecord>();
  const ended = new Set<string>();
  for (const entry of entries) {
    if (entry.request_id === null) continue;
    if (entry.phase === "begin") begins.set(entry.request_id, entry);
    if (entry.phase === "end") ended.add(entry.request_id);
  }
  return entries.flatMap((entry) => {
    const { phase, request_id } = entry;
    if (phase === "begin") return ended.has(request_id ?? "") ? [] : [actOf(entry, entry)];
    // The begin of one whose end is the last of these stands further back.
    return [actOf(entry, phase === "end" ? begins.get(request_id ?? "") : undefined)];
  });
}

function actOf(entry: AuditRecord, begin: AuditRecord | undefined): NodeAct {
  return {
    key: entry.id,
    what: entry.action.replace(/^node\./, ""),
    about: aboutOf(begin ?? entry),
    actor: entry.actor,
    at: begin?.ts ?? entry.ts,
    status: entry.phase === "begin" ? null : entry.status,
    exitCode: entry.exit_code,
    durationMs: entry.duration_ms,
  };
}

/** What of the details says most, in the order in which it does. */
const TELLING = ["command", "path", "task", "reason", "session", "address", "name"] as const;

function aboutOf({ details }: AuditRecord): string {
  const found = TELLING.map((name) => details[name]).find((one) => typeof one === "string");
  return typeof found === "string" ? found : "";
}
