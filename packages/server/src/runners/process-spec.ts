/**
 * A process to run. Exactly one of `command`, `entry` and `script` is given.
 * Nothing here is rendered into a shell line: arguments stay arguments, data goes to stdin.
 */
export interface ProcessSpec {
  readonly kind: "process";
  /** Executable and its arguments; a name without a slash is searched on PATH. */
  readonly command?: readonly string[];
  /** A file inside the pack; its extension names the interpreter. */
  readonly entry?: string;
  /** Takes the place of the interpreter inferred for `entry` (a Python of its own, say). */
  readonly interpreter?: readonly string[];
  /** Inline program text, run by `shell`. */
  readonly script?: string;
  /** Shell and its flags, split at spaces; `/bin/sh -eu` unless given. */
  readonly shell?: string;
  /** Further arguments, after those of `command`. */
  readonly args?: readonly string[];
  /** Added to the clean environment; cannot replace Yardmaster's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs: the pack's folder (default) or the attempt's work folder. */
  readonly cwd?: "pack" | "work";
  /** How stdout becomes the output: one JSON value, text without trailing space, or not at all. */
  readonly output: "json" | "text" | "none";
}
