import type { ProcessSpec as DefinedProcess } from "@yardmaster/kernel";

/**
 * A process to run, as its definition says. Nothing in it is rendered into a shell line: arguments stay
 * arguments, data goes to stdin or into a file.
 */
export interface ProcessSpec extends DefinedProcess {
  /** Takes the place of the interpreter inferred for `entry` (a Python of its own, say). */
  readonly interpreter?: readonly string[];
}
