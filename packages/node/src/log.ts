export type LogLevel = "info" | "warn" | "error";

/** One line for whoever runs the node. Never a secret. */
export type Log = (level: LogLevel, message: string) => void;

/** Lines of time, level and message; the system's journal keeps them. */
export function createLog(write: (line: string) => void, now: () => number = Date.now): Log {
  return (level, message) => {
    write(`${new Date(now()).toISOString()} ${level.padEnd(5)} ${oneLine(message)}\n`);
  };
}

/** What a server said must not be able to look like a line of ours, or to steer a terminal. */
function oneLine(message: string): string {
  return message.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}
