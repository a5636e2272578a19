import type { Run } from "@yardmaster/protocol";
import type { Json } from "@yardmaster/protocol/core";
import type { Paint } from "./paint.ts";
import { printable, withoutControl } from "./printable.ts";
import { statusMark, statusWord } from "./status.ts";
import { shortDuration } from "./time.ts";

/** A run as it stands: its line, why it stands or failed, and what it gave. */
export function runLines(
  run: Run,
  paint: Paint,
): { readonly all: string[]; readonly output: string[] } {
  const took =
    run.finished_at === null
      ? ""
      : ` in ${shortDuration(Date.parse(run.finished_at) - Date.parse(run.created_at))}`;
  const head = `${statusMark(run.status, paint)} ${paint.strong(printable(run.ref))}  ${paint.faint(run.id)}  ${statusWord(run.status, paint)}${took}`;
  const reason = run.reason === null ? [] : [`  ${printable(run.reason)}`];
  const error =
    run.error === null
      ? []
      : [`  ${paint.bad(printable(`${run.error.code}: ${run.error.message}`))}`];
  const output = run.output === null ? [] : jsonLines(run.output);
  return { all: [head, ...reason, ...error, ...output], output };
}

/** JSON for people: indented, and safe to show. */
export function jsonLines(value: Json): string[] {
  return JSON.stringify(value, null, 2).split("\n").map(withoutControl);
}
