import { STEP_VARIABLES } from "@yardmaster/protocol";
import type { DocumentNode, MapNode } from "../../document.ts";
import type { Report } from "../../problem.ts";

/** What every attempt is told of itself: an action's own value would not get through. */
const OWN_VARIABLES: ReadonlySet<string> = new Set([
  ...STEP_VARIABLES,
  "TRACEPARENT",
  "TRACESTATE",
]);

/** What an action, or its check, says of what it starts, and which would have no effect. */
export function reportStart(started: MapNode, report: Report): void {
  const env = started.entries.get("env")?.value;
  if (env?.kind === "map") {
    for (const [name, { keyPlace }] of env.entries) {
      if (OWN_VARIABLES.has(name))
        report(
          keyPlace,
          `env.${name} is set by Yardmaster itself`,
          "leave it out, or give it another name",
        );
      else if (name === "" || name.includes("="))
        report(
          keyPlace,
          `env: "${name}" cannot be the name of a variable`,
          "write env: { NAME: value }",
        );
    }
  }
  const inputAs = started.entries.get("input_as")?.value;
  if (inputAs?.kind === "scalar" && inputAs.value === "file") return;
  for (const key of ["command", "args"])
    for (const word of textsOf(started.entries.get(key)?.value))
      if (word.value.includes("{input_file}"))
        report(
          word.place,
          `${key}: there is no {input_file}: the input comes on stdin`,
          "add input_as: file",
        );
}

function textsOf(node: DocumentNode | undefined) {
  const items = node?.kind === "list" ? node.items : [];
  return items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string"
      ? [{ value: item.value, place: item.place }]
      : [],
  );
}
