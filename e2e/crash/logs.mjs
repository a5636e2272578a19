/** Lines of error level, and lines that are no log: what a process wrote where nobody should have to read it. */
export function errorLines(programs) {
  return programs.flatMap(({ name, logs }) =>
    logs
      .filter((line) => levelOf(line) === "error" || levelOf(line) === "fatal")
      .map((line) => `${name}: ${line}`),
  );
}

function levelOf(line) {
  try {
    return JSON.parse(line).level;
  } catch {
    return "error";
  }
}

/** What the last lives of each process said, for a failure that nobody foresaw. */
export function lastLines(programs) {
  return programs.slice(-6).flatMap(({ name, logs }) =>
    logs
      .slice(-4)
      .map((line) => line.slice(0, 300))
      .map((line) => `${name}: ${line}`),
  );
}
