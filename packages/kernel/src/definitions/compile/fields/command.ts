import type { DocumentNode, ScalarNode } from "../../document.ts";
import type { Report } from "../../problem.ts";
import type { Fields } from "./fields.ts";

/** `command`: a program and its arguments, never a line of shell. `or` says what else may be meant by such a line. */
export function readCommand(
  fields: Fields,
  report: Report,
  or?: string,
): readonly string[] | undefined {
  const node = fields.get("command");
  if (node?.kind === "scalar") {
    const hint = [`write command: ${inWords(node)}`, ...(or === undefined ? [] : [or])].join(", ");
    report(node.place, "command must be a list of texts, not a shell line", hint);
    return undefined;
  }
  const command = fields.texts("command");
  if (node === undefined || command === undefined) return undefined;
  if (command[0] !== undefined && command[0] !== "") return command;
  report(node.place, "command names no program");
  return undefined;
}

function inWords({ value }: ScalarNode): string {
  const words = String(value).trim().split(/\s+/);
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

/** An expression here would be passed on as it stands. `hint` says where a run's values come instead. */
export function refuseTemplates(
  node: DocumentNode | undefined,
  key: string,
  report: Report,
  hint: string,
): void {
  if (node?.kind === "list")
    for (const item of node.items) refuseTemplates(item, key, report, hint);
  if (node?.kind === "map")
    for (const entry of node.entries.values()) refuseTemplates(entry.value, key, report, hint);
  if (node?.kind !== "scalar" || typeof node.value !== "string") return;
  const at = node.value.indexOf("${{");
  if (at >= 0) report(node.inside(at), `${key} takes no expressions`, hint);
}
