import type { StepVariables } from "@yardmaster/protocol";
import type { AttemptContext } from "../runner.ts";

export type Environment = Readonly<Record<string, string>>;

/** What a child may inherit. A list of what may pass, never of what may not: new secrets stay out by themselves. */
const INHERITED = new Set(["PATH", "HOME", "LANG", "TZ"]);
const INHERITED_ON_WINDOWS = new Set(["SYSTEMROOT", "PATHEXT", "COMSPEC", "USERPROFILE"]);
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";
/** As the first level of shells a bash takes a stdin that is a socket, as Node's are, for a remote login and reads ~/.bashrc. */
const SHELL_LEVEL = { SHLVL: "1" };

/** The part of a child's environment that all attempts share. Computed once: reading `process.env` is slow. */
export function baseEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Environment {
  const windows = platform === "win32";
  const base: Record<string, string> = windows ? {} : { PATH: DEFAULT_PATH, ...SHELL_LEVEL };
  for (const [key, value] of Object.entries(source)) {
    const name = windows ? key.toUpperCase() : key;
    const allowed =
      INHERITED.has(name) || name.startsWith("LC_") || (windows && INHERITED_ON_WINDOWS.has(name));
    if (allowed && value !== undefined) base[key] = value;
  }
  return base;
}

/** The whole environment of one attempt. The marks come last: neither a spec nor a worker's own may replace them. */
export function attemptEnvironment(
  base: Environment,
  own: Environment | undefined,
  context: AttemptContext,
): Environment {
  return processEnvironment(base, own, {
    work: context.workFolder(),
    marks: attemptMarks(context),
  });
}

/** The same of any process that a pack starts. */
export function processEnvironment(
  base: Environment,
  own: Environment | undefined,
  { work, marks }: { readonly work: string; readonly marks: Environment },
): Environment {
  return {
    ...base,
    TMPDIR: work,
    ...({ YARD_WORK: work } satisfies StepVariables),
    ...(process.platform === "win32" ? { TEMP: work, TMP: work } : undefined),
    ...own,
    ...marks,
  };
}

/** What every process of an attempt is told of it, wherever it runs. */
export function attemptMarks(context: AttemptContext): Environment {
  const marks = {
    ...marksOf(context),
    YARD_IDEMPOTENCY_KEY: context.idempotencyKey,
  } satisfies StepVariables;
  return {
    ...marks,
    ...(context.trace === undefined ? {} : { TRACEPARENT: context.trace }),
    ...(context.traceState === undefined ? {} : { TRACESTATE: context.traceState }),
  };
}

/** The variables that say to which attempt a process belongs; they survive setsid and re-parenting. */
export function marksOf(context: Pick<AttemptContext, "session" | "runId" | "step" | "attempt">) {
  return {
    YARD_SESSION: context.session,
    YARD_RUN_ID: context.runId,
    YARD_STEP: context.step,
    YARD_ATTEMPT: String(context.attempt),
  } satisfies StepVariables;
}
