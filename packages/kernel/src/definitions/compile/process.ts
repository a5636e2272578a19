import type { ProcessSpec } from "../definition.ts";
import type { DocumentNode } from "../document.ts";
import type { Report } from "../problem.ts";
import { didYouMean, type Fields } from "./fields.ts";

const STARTS = ["entry", "command", "script"] as const;

/** Keys of an action that only `runner: process` has. */
export const PROCESS_KEYS = [...STARTS, "shell", "args", "env", "cwd", "stdout"] as const;

/** What a process action starts. `files` are the paths of all files of the pack. */
export function readProcess(
  fields: Fields,
  hasOutputSchema: boolean,
  files: ReadonlySet<string>,
  report: Report,
): ProcessSpec | undefined {
  const given = STARTS.filter((key) => fields.has(key));
  if (given.length === 0) report(fields.place, 'an action needs "entry", "command" or "script"');
  for (const key of given.slice(1))
    report(fields.keyPlace(key), `give ${given[0]} or ${key}, not both`);
  const start = readStart(fields, files, report);
  const args = fields.texts("args");
  const env = fields.textMap("env");
  const cwd = fields.word("cwd", ["pack", "work"]);
  for (const key of ["entry", "command", "args", "env"])
    refuseTemplates(fields.get(key), key, report);
  if (given.length !== 1 || start === undefined) return undefined;
  return {
    kind: "process",
    ...start,
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    output: readStdout(fields, hasOutputSchema, report),
  };
}

type Start = Pick<ProcessSpec, "entry" | "command" | "script" | "shell">;

function readStart(fields: Fields, files: ReadonlySet<string>, report: Report): Start | undefined {
  const shell = fields.text("shell");
  if (shell !== undefined && !fields.has("script"))
    report(fields.keyPlace("shell"), "shell says what runs a script, and there is none");
  if (fields.has("script")) {
    const script = fields.text("script");
    return script === undefined ? undefined : { script, ...(shell === undefined ? {} : { shell }) };
  }
  if (fields.has("command")) return readCommand(fields, report);
  const entry = fields.text("entry");
  return entry !== undefined && checkEntry(entry, fields, files, report) ? { entry } : undefined;
}

function readCommand(fields: Fields, report: Report): Start | undefined {
  const node = fields.get("command");
  if (node?.kind === "scalar") {
    const hint = "write command: [program, argument], or use script: for a shell";
    report(node.place, "command must be a list of texts, not a shell line", hint);
    return undefined;
  }
  const command = fields.texts("command");
  if (node === undefined || command === undefined) return undefined;
  if (command[0] !== undefined && command[0] !== "") return { command };
  report(node.place, "command names no program");
  return undefined;
}

/** `entry` is a path from the pack's folder, written with `/`. */
function checkEntry(
  entry: string,
  fields: Fields,
  files: ReadonlySet<string>,
  report: Report,
): boolean {
  if (files.has(entry)) return true;
  const sameName = [...files].find((path) => path.endsWith(`/${entry.split("/").at(-1)}`));
  const near = sameName === undefined ? didYouMean(entry, files) : `did you mean "${sameName}"?`;
  const hint = near ?? "entry is a path from the folder of the pack";
  report(fields.get("entry")?.place ?? fields.place, `the pack has no file "${entry}"`, hint);
  return false;
}

function readStdout(fields: Fields, hasSchema: boolean, report: Report): ProcessSpec["output"] {
  const stdout = fields.word("stdout", ["json", "text", "none"]);
  if (stdout === "none" && hasSchema)
    report(fields.keyPlace("stdout"), "stdout: none gives no output, but one is declared");
  if (stdout === "text" && fields.has("output"))
    report(
      fields.keyPlace("stdout"),
      "stdout: text gives a text, but fields are declared as output",
    );
  return stdout ?? (hasSchema ? "json" : "text");
}

/** An expression here would be passed on as it stands: a run's values come as JSON on stdin, nowhere else. */
function refuseTemplates(node: DocumentNode | undefined, key: string, report: Report): void {
  if (node?.kind === "list") for (const item of node.items) refuseTemplates(item, key, report);
  if (node?.kind === "map")
    for (const entry of node.entries.values()) refuseTemplates(entry.value, key, report);
  if (node?.kind !== "scalar" || typeof node.value !== "string") return;
  const at = node.value.indexOf("${{");
  if (at < 0) return;
  report(node.inside(at), `${key} takes no expressions`, "the input arrives as JSON on stdin");
}
