import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isOfMachine, type Json, type WorkError } from "@yardmaster/protocol";
import { notBegunHere } from "../not-begun.ts";
import type { CommandLine } from "../process/command-line.ts";
import type { RunAs } from "../run-as/run-as.ts";
import { giveMade } from "../run-as/user-folders.ts";

/** Stands in arguments for the path of the input file: a command without a shell cannot read variables. */
const PLACEHOLDER = "{input_file}";

/** The input of an attempt as a file in its private work folder, readable by its user alone. */
export interface InputFile {
  /** The variable that names it. The input itself is in no environment and on no command line: others may read those. */
  readonly env: { readonly YARD_INPUT_FILE: string };
  /** The command line with the path in place of `{input_file}`. */
  pointTo(line: CommandLine): CommandLine;
  remove(): void;
}

/** Writes it; `wx`, since nothing of that name may be there, least of all a link. */
export function writeInputFile(
  workFolder: string,
  input: Json,
  user?: RunAs | undefined,
): InputFile | WorkError {
  const path = join(workFolder, "input.json");
  try {
    writeFileSync(path, `${JSON.stringify(input)}\n`, { mode: 0o600, flag: "wx" });
    if (user !== undefined) giveMade(path, user);
  } catch (error) {
    if (isOfMachine(error)) throw notBegunHere(error);
    const reason = error instanceof Error ? error.message : String(error);
    return { code: "process_start", message: `The input file cannot be written: ${reason}` };
  }
  return {
    env: { YARD_INPUT_FILE: path },
    pointTo: ({ file, args }) => ({
      file,
      args: args.map((arg) => arg.replaceAll(PLACEHOLDER, path)),
    }),
    remove: () => rmSync(path, { force: true }),
  };
}
