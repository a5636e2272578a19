/** Colours by what a status means for its reader; the shape of its icon tells the same. */
export const TONES = {
  good: { ink: "text-good", soft: "bg-good-soft", bar: "bg-bar-good" },
  bad: { ink: "text-bad", soft: "bg-bad-soft", bar: "bg-bar-bad" },
  warn: { ink: "text-warn", soft: "bg-warn-soft", bar: "bg-bar-warn" },
  busy: { ink: "text-accent", soft: "bg-accent-soft", bar: "bg-bar-busy" },
  quiet: { ink: "text-muted", soft: "bg-sunken", bar: "bg-bar-quiet" },
} as const;

/** How a status looks: a word with its shape and colour. */
export interface Look {
  readonly word: string;
  /** Of text and icon. */
  readonly ink: string;
  readonly soft: string;
  /** A path in a box of 16 by 16, stroked. */
  readonly icon: string;
}

export const ICONS = {
  check: "m3 8.5 3.2 3.2L13 5",
  cross: "m4 4 8 8m0-8-8 8",
  clock: "M8 4.5V8l2.2 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  pause: "M5.5 3.5v9m5-9v9",
  minus: "M3.5 8h9",
  ring: "M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0",
  off: "M3.8 3.8l8.4 8.4M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
} as const;
