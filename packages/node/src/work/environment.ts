import type { StepVariable } from "@yardmaster/protocol/core";

export type Environment = Readonly<Record<string, string>>;

/** What a process of the server's may inherit: a list of what may pass, so that new secrets stay out by themselves. */
const PASSED: ReadonlySet<string> = new Set([
  "PATH",
  "HOME",
  "USER",
  "SHELL",
  "LANG",
  "TERM",
  "TMPDIR",
  "TZ",
]);
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** The part of an environment that all processes of this node share. Computed once: reading `process.env` is slow. */
export function baseEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const base: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && (PASSED.has(name) || name.startsWith("LC_"))) base[name] = value;
  }
  return base;
}

/** Variables that say to what a process belongs. They survive setsid, re-parenting and the node itself. */
export const MARK = {
  /** The running node: random per process. */
  node: "YARD_NODE_INSTANCE",
  call: "YARD_CALL_ID",
  lease: "YARD_LEASE_ID",
  /** A session of shells, whichever shell of it. */
  shell: "YARD_SHELL",
} as const satisfies Record<string, StepVariable>;

/** An id as the value of a mark: without spaces, by which `ps` separates variables. */
export function markValue(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9_.:/-]/g, "_");
}
