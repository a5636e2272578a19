import type { FieldError } from "@yardmaster/protocol";
import type { Place } from "./document.ts";

/** One wrong place of a pack. */
export interface Problem extends Place {
  readonly message: string;
  readonly hint?: string;
}

/** Takes a problem and goes on: all of a pack are found in one go. */
export type Report = (place: Place, message: string, hint?: string) => void;

export interface ProblemList {
  readonly report: Report;
  /** In the order of files, lines and columns. */
  sorted(): readonly Problem[];
}

export function createProblemList(): ProblemList {
  const problems: Problem[] = [];
  return {
    report(place, message, hint) {
      const { file, line, column } = place;
      problems.push({ file, line, column, message, ...(hint === undefined ? {} : { hint }) });
    },
    sorted: () => problems.toSorted(byPlace),
  };
}

/** `file:line:column: message (hint)`, as compilers print it and editors open it. */
export function formatProblem(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : ` (${problem.hint})`;
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}${hint}`;
}

/** The problem as the API's list of errors carries it. */
export function problemAsFieldError(problem: Problem): FieldError {
  const { file, line, column, message, hint } = problem;
  return { path: `${file}:${line}:${column}`, message, ...(hint === undefined ? {} : { hint }) };
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
