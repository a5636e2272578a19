/** A file that a step handed back, as expressions, journals and the API have it. */
export interface StepFile {
  /** Inside the step's work folder, with `/` between folders. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Whether it may be executed: `0755`, else `0644`. */
  readonly mode: StepFileMode;
}

export type StepFileMode = "0644" | "0755";

const MIB = 1024 * 1024;

/** What files of steps are bounded by. Sizes in bytes unless the name says otherwise. */
export const STEP_FILE_LIMITS = {
  /** Names and globs in the `files` of one action. */
  globs: 64,
  /** Of an attempt. */
  files: 256,
  /** Put into the work folder of an attempt. */
  filesIn: 1_000,
  fileBytes: 100 * MIB,
  /** All of an attempt: what it hands back, and what it is given. */
  attemptBytes: 512 * MIB,
  /** All of a tree of runs: what is stored for it, each content once. */
  treeBytes: 4096 * MIB,
  pathBytes: 1024,
} as const;

const UTF8 = new TextEncoder();

/** Why this is no path (or glob) inside a work folder; undefined where it is one. */
export function pathFlaw(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (UTF8.encode(path).length > STEP_FILE_LIMITS.pathBytes)
    return `it is longer than ${STEP_FILE_LIMITS.pathBytes} bytes`;
  if (path.startsWith("/")) return "it must be relative to the work folder";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(path)) return "it has a backslash or a control character";
  if (!path.isWellFormed()) return "it is no whole text";
  const names = path.split("/");
  if (names.includes("..")) return "it leads out of the work folder";
  return names.some((name) => name === "" || name === ".")
    ? "it has an empty name, or one that is a dot"
    : undefined;
}
