/** Lines for a person; colours only on a terminal that can, and never against NO_COLOR (no-color.org). */
export function createScreen(stream = process.stdout, env = process.env) {
  const coloured = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  const sgr = (on, off) => (text) => (coloured ? `\x1b[${on}m${text}\x1b[${off}m` : `${text}`);
  const paint = {
    good: sgr(32, 39),
    bad: sgr(31, 39),
    held: sgr(33, 39),
    faint: sgr(2, 22),
    strong: sgr(1, 22),
  };
  const line = (text = "") => stream.write(`${text}\n`);
  let chapter = 0;
  return {
    paint,
    line: (text) => line(text === undefined ? "" : `   ${text}`),
    plain: line,
    title: (text) => line(`\n${paint.strong(`${++chapter}. ${text}`)}`),
    /** `label` stands before the first of several lines only. */
    field: (label, text) => line(`   ${paint.faint(label.padEnd(7))}${text}`),
    mark: (status) => MARKS[status]?.(paint) ?? "·",
  };
}

const MARKS = {
  success: (paint) => paint.good("✓"),
  matched: (paint) => paint.good("✓"),
  running: () => "▸",
  waiting: (paint) => paint.held("◌"),
  skipped: (paint) => paint.faint("–"),
  not_matched: (paint) => paint.faint("–"),
  failed: (paint) => paint.bad("✗"),
  lost: (paint) => paint.held("✗"),
};

/** `87 ms`, `1.25 s`. */
export function span(ms) {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
