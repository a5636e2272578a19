const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** How long ago, in its largest unit: "3 min ago"; "now" within a second. For a time ahead "in 3 min". */
export function relativeTime(at: string, nowMs: number): string {
  const ms = nowMs - Date.parse(at);
  if (Number.isNaN(ms)) return at;
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(Math.abs(ms) / unitMs);
    if (count >= 1) return ms > 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
  }
  return "now";
}

/** A length of time in at most seven cells: 340ms, 2.5s, 42s, 3m05s, 2h07m, 4d03h. */
export function shortDuration(ms: number): string {
  const two = (count: number) => String(Math.floor(count)).padStart(2, "0");
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h${two((seconds % 3_600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d${two((seconds % 86_400) / 3_600)}h`;
}
