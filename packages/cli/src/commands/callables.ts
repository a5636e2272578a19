import type { Json } from "@yardmaster/protocol/core";
import { isJsonObject } from "@yardmaster/protocol/core";
import type { Output } from "../output/output.ts";
import { printable } from "../output/printable.ts";
import { jsonLines } from "../output/run-lines.ts";

/** The fields of an input in short: `people*, delay`; `*` marks those that must be given. */
export function inputSummary(schema: Json): string {
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return "";
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.keys(schema["properties"])
    .map((name) => printable(required.includes(name) ? `${name}*` : name))
    .join(", ");
}

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
