import { type Logger, pino } from "pino";
import { errorFields } from "./error-fields.ts";
import { readableLine } from "./readable.ts";
import { createScrubber, redactFields } from "./redact.ts";

export type { Logger } from "pino";

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Texts that no line may hold, whatever put them there. */
  readonly secrets?: readonly (string | undefined)[];
  /** Lines for people instead of JSON. */
  readonly isTerminal?: boolean;
  readonly write?: (line: string) => void;
}

/** JSON lines on stderr: stdout is for people (where the server listens, what to try). No line holds a secret. */
export function createLogger(options: LogOptions): Logger {
  const { level, secrets = [], isTerminal = false, write = writeToStderr() } = options;
  const scrub = createScrubber(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      serializers: { err: (error: unknown) => errorFields(error) },
    },
    {
      write(line) {
        const clean = scrub(line);
        write(isTerminal ? readableLine(clean, { colours: !process.env["NO_COLOR"] }) : clean);
      },
    },
  );
}

/** Synchronous: the last lines before a crash are the ones that are needed. */
function writeToStderr(): (line: string) => void {
  const destination = pino.destination({ dest: 2, sync: true });
  return (line) => destination.write(line);
}
