import type { Json } from "@yardmaster/protocol/core";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { jsonLines } from "../output/run-lines.ts";

/** What an action and a workflow have in common, for people. */
export function showCallable(
  { paint, lines }: Output,
  shown: {
    readonly ref: string;
    readonly description: string | null;
    readonly facts: readonly string[];
    readonly schemas: readonly (readonly [string, Json])[];
  },
): void {
  lines(paint.strong(shown.ref));
  if (shown.description !== null) lines(printable(shown.description));
  lines(...shown.facts);
  for (const [name, schema] of shown.schemas) lines("", paint.faint(name), ...jsonLines(schema));
}
