import type { Io, OutputStream } from "../io.ts";
import { isRedrawable } from "./redrawable.ts";

/** Colours by meaning; without colour each returns its text as it is. */
export interface Paint {
  readonly enabled: boolean;
  good(text: string): string;
  bad(text: string): string;
  busy(text: string): string;
  held(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

/** Colour only on a terminal that can, and never against NO_COLOR (no-color.org: set and not empty). */
export function paintFor(stream: OutputStream, env: Io["env"]): Paint {
  return isRedrawable(stream, env) && !env["NO_COLOR"] ? COLOURED : PLAIN;
}

const COLOURED: Paint = {
  enabled: true,
  good: sgr(32, 39),
  bad: sgr(31, 39),
  busy: sgr(36, 39),
  held: sgr(33, 39),
  faint: sgr(2, 22),
  strong: sgr(1, 22),
};

const same = (text: string) => text;
export const PLAIN: Paint = {
  enabled: false,
  good: same,
  bad: same,
  busy: same,
  held: same,
  faint: same,
  strong: same,
};

function sgr(on: number, off: number): (text: string) => string {
  return (text) => (text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`);
}
