import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { statusMark } from "./status.ts";

export interface Explained {
  readonly status: string;
  /** Of a rule that is active: it could not judge the newest event. */
  readonly breaks?: boolean;
  readonly summary: string;
  readonly chain: readonly string[];
  readonly unblock: readonly string[];
}

/** Why a run or a queue is where it is, and what would move it. */
export function explanationLines(
  { status, breaks = false, summary, chain, unblock }: Explained,
  paint: Paint,
): string[] {
  const remedies = unblock.map((sentence) => `  ${printable(sentence)}`);
  return [
    `${statusMark(breaks ? "broken" : status, paint)} ${paint.strong(printable(summary))}`,
    ...chain.map((sentence) => `  ${printable(sentence)}`),
    ...(remedies.length > 0 ? ["What would move it:", ...remedies] : []),
  ];
}
