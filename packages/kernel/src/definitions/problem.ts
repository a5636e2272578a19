import type { FieldError } from "@yardmaster/protocol";
import type { Place } from "./document.ts";

/** One wrong place of a pack. */
export interface Problem extends Place {
  readonly message: string;
  readonly hint?: string;
}

/** Problems of one pack that are told; of the others their number. A file of 256 KiB can have 80,000. */
export const MAX_PROBLEMS = 200;

/** Takes a problem and goes on: all of a pack are found in one go. */
export type Report = (place: Place, message: string, hint?: string) => void;

export interface ProblemList {
  readonly report: Report;
  /**
   * The first MAX_PROBLEMS in the order of files, lines and columns. Where there were more, one after them stands at
   * the place of the last and says how many.
   */
  sorted(): readonly Problem[];
}

export function createProblemList(): ProblemList {
  let problems: Problem[] = [];
  let count = 0;
  const first = (): Problem[] => problems.toSorted(byPlace).slice(0, MAX_PROBLEMS);
  return {
    report({ file, line, column }, message, hint) {
      count++;
      problems.push({ file, line, column, message, ...(hint === undefined ? {} : { hint }) });
      if (problems.length >= 2 * MAX_PROBLEMS) problems = first();
    },
    sorted() {
      const told = first();
      const last = told.at(-1);
      return last === undefined || count === told.length
        ? told
        : [...told, moreProblems(last, count - told.length)];
    },
  };
}

function moreProblems({ file, line, column }: Problem, count: number): Problem {
  const message = `${count} more ${count === 1 ? "problem" : "problems"} from here on`;
  return { file, line, column, message, hint: "put these right first" };
}

/** `file:line:column: message (hint)`, as compilers print it and editors open it; of the folder itself without a place. */
export function formatProblem(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : ` (${problem.hint})`;
  const place = isOfFolder(problem) ? "" : `${placeOf(problem)}: `;
  return `${place}${problem.message}${hint}`;
}

/** A problem of the folder itself, of which no file has been read. */
function isOfFolder({ file }: Place): boolean {
  return file === ".";
}

function placeOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** The problem as the API's list of errors carries it. */
export function problemAsFieldError(problem: Problem): FieldError {
  const { message, hint } = problem;
  const path = isOfFolder(problem) ? problem.file : placeOf(problem);
  return { path, message, ...(hint === undefined ? {} : { hint }) };
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
