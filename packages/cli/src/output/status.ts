import type { Paint } from "./paint.ts";

type Tone = Exclude<keyof Paint, "enabled">;

/** Every status word of the product that a list or a tree shows. */
const LOOKS: Readonly<Record<string, { readonly mark: string; readonly tone: Tone }>> = {
  queued: { mark: "○", tone: "faint" },
  running: { mark: "●", tone: "busy" },
  waiting: { mark: "◌", tone: "held" },
  success: { mark: "✓", tone: "good" },
  failed: { mark: "✗", tone: "bad" },
  timed_out: { mark: "✗", tone: "bad" },
  canceled: { mark: "⊘", tone: "held" },
  skipped: { mark: "–", tone: "faint" },
  lost: { mark: "✗", tone: "held" },
  matched: { mark: "✓", tone: "good" },
  not_matched: { mark: "–", tone: "faint" },
  held: { mark: "◌", tone: "held" },
  error: { mark: "✗", tone: "bad" },
  open: { mark: "◌", tone: "held" },
  answered: { mark: "✓", tone: "good" },
  in_progress: { mark: "●", tone: "busy" },
  blocked: { mark: "✗", tone: "held" },
  done: { mark: "✓", tone: "good" },
  completed: { mark: "✓", tone: "faint" },
  active: { mark: "✓", tone: "good" },
  paused: { mark: "◌", tone: "held" },
  off: { mark: "○", tone: "faint" },
  broken: { mark: "✗", tone: "bad" },
  idle: { mark: "○", tone: "faint" },
  moving: { mark: "●", tone: "busy" },
  full: { mark: "◌", tone: "held" },
  ok: { mark: "✓", tone: "good" },
  warn: { mark: "!", tone: "held" },
  bad: { mark: "✗", tone: "bad" },
  connected: { mark: "✓", tone: "good" },
  reconnecting: { mark: "◌", tone: "held" },
  draining: { mark: "◌", tone: "held" },
  disconnected: { mark: "✗", tone: "bad" },
  never_seen: { mark: "○", tone: "faint" },
  revoked: { mark: "⊘", tone: "faint" },
  timeout: { mark: "✗", tone: "bad" },
  late: { mark: "!", tone: "held" },
  starting: { mark: "◌", tone: "busy" },
  stopping: { mark: "◌", tone: "held" },
  backoff: { mark: "✗", tone: "bad" },
  stopped: { mark: "○", tone: "faint" },
  unready: { mark: "◌", tone: "held" },
  unreadable: { mark: "✗", tone: "bad" },
};

const UNKNOWN = { mark: "?", tone: "faint" } as const;

export function statusMark(status: string, paint: Paint): string {
  const { mark, tone } = LOOKS[status] ?? UNKNOWN;
  return paint[tone](mark);
}

export function statusWord(status: string, paint: Paint): string {
  return paint[(LOOKS[status] ?? UNKNOWN).tone](status.replaceAll("_", " "));
}
