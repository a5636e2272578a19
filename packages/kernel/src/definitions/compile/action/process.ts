import { OUTPUT_FORMATS, type ProcessSpec } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { readFiles } from "../calls/files.ts";
import { readCommand, refuseTemplates } from "../fields/command.ts";
import { didYouMean } from "../fields/did-you-mean.ts";
import type { Fields } from "../fields/fields.ts";

export const STARTS = ["entry", "command", "script"] as const;

/** Keys that say what is started, and in which surroundings. */
export const START_KEYS = [...STARTS, "shell", "args", "env", "cwd", "input_as"] as const;

/** Keys of an action that only `runner: process` has. */
export const PROCESS_KEYS = [...START_KEYS, "stdout", "files"] as const;

/** What a process action starts. `files` are the paths of all files of the pack. */
export function readProcess(
  fields: Fields,
  hasOutputSchema: boolean,
  files: ReadonlySet<string>,
  report: Report,
): ProcessSpec | undefined {
  const started = readStarted(fields, "an action", files, report);
  const output = readStdout(fields, hasOutputSchema, report);
  const made = readFiles(fields, report);
  return (
    started && {
      kind: "process",
      ...started,
      output,
      ...(made === undefined ? {} : { files: made }),
    }
  );
}

/**
 * What is started, by any definition that starts a process; `what` names it where nothing is said, `given` says how it
 * gets its values.
 */
export function readStarted(
  fields: Fields,
  what: string,
  files: ReadonlySet<string>,
  report: Report,
  given = "the input arrives as JSON on stdin",
): Omit<ProcessSpec, "kind" | "output"> | undefined {
  const starts = STARTS.filter((key) => fields.has(key));
  if (starts.length === 0) report(fields.place, `${what} needs "entry", "command" or "script"`);
  for (const key of starts.slice(1))
    report(fields.keyPlace(key), `give ${starts[0]} or ${key}, not both`);
  const start = readStart(fields, files, report);
  const args = fields.texts("args");
  const env = fields.textMap("env");
  const cwd = fields.word("cwd", ["pack", "work"]);
  const inputAs = fields.word("input_as", ["stdin", "file"]);
  for (const key of ["entry", "command", "shell", "args", "env"])
    refuseTemplates(fields.get(key), key, report, given);
  if (starts.length !== 1 || start === undefined) return undefined;
  return {
    ...start,
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(inputAs === undefined ? {} : { inputAs }),
  };
}

type Start = Pick<ProcessSpec, "entry" | "command" | "script" | "shell">;

function readStart(fields: Fields, files: ReadonlySet<string>, report: Report): Start | undefined {
  const shell = readShell(fields, report);
  if (fields.has("script")) {
    const script = fields.text("script");
    return script === undefined ? undefined : { script, ...(shell === undefined ? {} : { shell }) };
  }
  if (fields.has("command")) {
    const command = readCommand(fields, report, "or use script: for a shell");
    return command && { command };
  }
  const entry = fields.text("entry");
  return entry !== undefined && checkEntry(entry, fields, files, report) ? { entry } : undefined;
}

/** A shell and its flags. Whether it is there is known only on the worker that runs it. */
function readShell(fields: Fields, report: Report): string | undefined {
  const shell = fields.text("shell")?.trim();
  if (shell === undefined) return undefined;
  const place = fields.get("shell")?.place ?? fields.place;
  if (!fields.has("script"))
    report(fields.keyPlace("shell"), "shell says what runs a script, and there is none");
  if (shell === "") report(place, "shell is empty");
  if (/["'`\\]/.test(shell))
    report(place, "shell is split at spaces: quotes have no meaning in it", "write bash -eu");
  return shell;
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
  const stdout = fields.word("stdout", OUTPUT_FORMATS);
  if (stdout === "none" && hasSchema)
    report(fields.keyPlace("stdout"), "stdout: none gives no output, but one is declared");
  if ((stdout === "text" || stdout === "jsonl") && fields.has("output")) {
    const gives = stdout === "text" ? "a text" : "a list";
    const message = `stdout: ${stdout} gives ${gives}, but fields are declared as output`;
    report(fields.keyPlace("stdout"), message, "say what it is under output_schema");
  }
  return stdout ?? (hasSchema ? "json" : "text");
}
