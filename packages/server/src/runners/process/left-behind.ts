import type { LogChunk } from "../runner.ts";

/** What the log of an attempt says of processes that had left its group and were still there at its end. */
export function leftBehindLine(killed: number, at: number): LogChunk {
  const what =
    killed === 1
      ? "1 process that had left its process group still ran at its end: it was killed."
      : `${killed} processes that had left its process group still ran at its end: they were killed.`;
  return { stream: "stderr", text: `[yard] ${what}\n`, at };
}
