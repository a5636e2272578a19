import type { Check } from "@yardmaster/protocol";
import type { Output } from "./output.ts";
import { printable } from "./printable.ts";
import { statusMark } from "./status.ts";

/** One thing that was looked at, with what to do. */
export function checkLines({ check, status, summary, advice }: Check, { paint }: Output): string[] {
  const line = `${statusMark(status, paint)} ${status.padEnd(4)}  ${check.padEnd(21)}  ${printable(summary)}`;
  return advice === null ? [line] : [line, paint.faint(`${" ".repeat(31)}${printable(advice)}`)];
}
