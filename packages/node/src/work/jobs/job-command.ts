import { join } from "node:path";
import type { StepVariables } from "@yardmaster/protocol/core";
import type { ProcessPayload } from "@yardmaster/protocol/node";

/** What a job starts. */
export interface JobCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface JobFolders {
  /** The files that came with it, read-only. */
  readonly pack: string;
  /** Empty, its own. */
  readonly work: string;
  /** Where its input is, if that comes as a file. */
  readonly inputFile?: string;
}

/** Programs by the names that the server uses for them. All others are found on PATH. */
const INTERPRETERS: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath],
  // -B: it would write __pycache__ beside the files that came with the job.
  python: ["python3", "-B"],
  sh: ["/bin/sh"],
};

/**
 * The folders are in the environment, and stand in arguments and variables for `${YARD_PACK}` and `${YARD_WORK}`.
 * A program of the job's own files may be named by its path among them: it starts from the work folder too.
 */
export function jobCommand(payload: ProcessPayload, folders: JobFolders): JobCommand {
  const { interpreter, cwd } = payload;
  const argv = ownFileAbsolute(payload, folders.pack).map((text) =>
    withInputFile(withFolders(text, folders), folders),
  );
  const line = interpreter === undefined ? argv : [...programOf(interpreter), ...argv];
  const [file = "", ...args] = line;
  return { file, args, cwd: folders[cwd], env: environmentOf(payload, folders) };
}

function programOf(interpreter: string): readonly string[] {
  return Object.hasOwn(INTERPRETERS, interpreter)
    ? (INTERPRETERS[interpreter] as readonly string[])
    : [interpreter];
}

/** Without an interpreter the program itself; with one, the first argument that is no option. */
function ownFileAbsolute({ argv, interpreter, files }: ProcessPayload, pack: string): string[] {
  const at = interpreter === undefined ? 0 : argv.findIndex((text) => !text.startsWith("-"));
  const named = argv[at]?.replace(/^\.\//, "");
  const isOwn = files.some(({ path }) => path === named);
  return isOwn && named !== undefined ? argv.with(at, join(pack, named)) : [...argv];
}

function environmentOf({ env }: ProcessPayload, folders: JobFolders): Record<string, string> {
  const given = Object.entries(env).map(([name, value]) => [name, withFolders(value, folders)]);
  return {
    TMPDIR: folders.work,
    ...Object.fromEntries(given),
    ...({ YARD_PACK: folders.pack, YARD_WORK: folders.work } satisfies StepVariables),
    ...(folders.inputFile !== undefined &&
      ({ YARD_INPUT_FILE: folders.inputFile } satisfies StepVariables)),
  };
}

/** A command without a shell cannot read variables. */
function withInputFile(text: string, { inputFile }: JobFolders): string {
  return inputFile === undefined ? text : text.replaceAll("{input_file}", () => inputFile);
}

function withFolders(text: string, { pack, work }: JobFolders): string {
  return text.replaceAll("${YARD_PACK}", () => pack).replaceAll("${YARD_WORK}", () => work);
}
