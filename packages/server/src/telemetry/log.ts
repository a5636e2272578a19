import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** JSON lines on stderr: stdout is for people (where the server listens, what to try). */
export function createLogger(level: "debug" | "info" | "warn" | "error"): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous: the last lines before a crash are the ones that are needed.
    pino.destination({ dest: 2, sync: true }),
  );
}
