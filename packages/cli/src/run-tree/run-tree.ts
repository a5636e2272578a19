import type { Run, Step } from "@yardmaster/protocol";
import { isFinal, nodesText } from "@yardmaster/protocol/core";
import { type Paint, PLAIN } from "../output/paint.ts";
import { printable } from "../output/printable.ts";
import { statusMark, statusWord } from "../output/status.ts";
import { shortDuration } from "../output/time.ts";
import { cutTo, padTo, widthOf } from "../output/width.ts";
import { withShortIds } from "../short-id/short-id.ts";
import {
  attemptsText,
  childText,
  elapsedMs,
  errorText,
  failedItemLines,
  itemsText,
  roundsText,
  undoText,
} from "./step-text.ts";

export interface TreeLook {
  /** Cells of a line; longer ones are cut. */
  readonly width: number;
  /** Lines that there is room for; without it the tree is drawn whole. */
  readonly height?: number | undefined;
  readonly paint?: Paint;
  /** The newest lines that a running step wrote, by step id. */
  readonly tails?: ReadonlyMap<string, readonly string[]>;
}

/**
 * A run and its steps as lines for a terminal: status mark, name, action, what it is at, how long. Where the height
 * does not do, first the log tails go, then steps that are done fold into one line, then the rest is cut in the middle.
 */
export function runTreeLines(
  run: Run,
  steps: readonly Step[],
  nowMs: number,
  look: TreeLook,
): string[] {
  const { height = Number.POSITIVE_INFINITY } = look;
  let lines: string[] = [];
  for (const detail of DETAILS) {
    lines = draw(run, steps, nowMs, look, detail);
    if (lines.length <= height) return lines;
  }
  const top = Math.max(1, Math.floor(height / 2));
  const bottom = Math.max(0, height - top - 1);
  return [
    ...lines.slice(0, top),
    `│ … ${lines.length - top - bottom} more lines`,
    ...lines.slice(lines.length - bottom),
  ].slice(0, height);
}

interface Detail {
  readonly hasTails: boolean;
  readonly folds: boolean;
}

const DETAILS: readonly Detail[] = [
  { hasTails: true, folds: false },
  { hasTails: false, folds: false },
  { hasTails: false, folds: true },
];

function draw(
  run: Run,
  steps: readonly Step[],
  nowMs: number,
  look: TreeLook,
  detail: Detail,
): string[] {
  const paint = look.paint ?? PLAIN;
  const done = detail.folds ? steps.filter(isDone) : [];
  const shown = detail.folds ? steps.filter((step) => !isDone(step)) : steps;
  const columns = {
    id: Math.max(0, ...shown.map((step) => widthOf(printable(step.id)))),
    uses: Math.max(0, ...shown.map((step) => widthOf(printable(step.uses)))),
  };
  const folded =
    done.length === 0
      ? []
      : [`${shown.length === 0 ? "└" : "├"} ${paint.faint(`… ${done.length} steps done`)}`];
  const lines = shown.flatMap((step, index) => {
    const isLast = index === shown.length - 1;
    const tail = detail.hasTails && !isFinal(step.status) ? (look.tails?.get(step.id) ?? []) : [];
    return stepLines(step, nowMs, { columns, isLast, paint, tail });
  });
  return [runLine(run, nowMs, paint), ...folded, ...lines].map((line) => fitted(line, look.width));
}

/** A line in its width: with ids by their ends where that does not do, then cut. */
function fitted(line: string, width: number): string {
  return widthOf(line) <= width ? line : cutTo(withShortIds(line), width);
}

function isDone(step: Step): boolean {
  return step.status === "success" || step.status === "skipped";
}

function runLine(run: Run, nowMs: number, paint: Paint): string {
  const ms =
    (run.finished_at === null ? nowMs : Date.parse(run.finished_at)) - Date.parse(run.created_at);
  const why = run.reason === null ? "" : paint.faint(` (${printable(run.reason)})`);
  return `${statusMark(run.status, paint)} ${paint.strong(printable(run.ref))}  ${paint.faint(run.id)}  ${statusWord(run.status, paint)} ${shortDuration(ms)}${why}`;
}

interface StepLook {
  readonly columns: { readonly id: number; readonly uses: number };
  readonly isLast: boolean;
  readonly paint: Paint;
  readonly tail: readonly string[];
}

function stepLines(
  step: Step,
  nowMs: number,
  { columns, isLast, paint, tail }: StepLook,
): string[] {
  const ms = elapsedMs(step, nowMs);
  const cells = [
    padTo(printable(step.id), columns.id),
    paint.faint(padTo(printable(step.uses), columns.uses)),
    ms === undefined ? "" : shortDuration(ms),
    step.status === "running" || step.status === "success" ? "" : statusWord(step.status, paint),
    itemsText(step),
    roundsText(step),
    attemptsText(step),
    printable(nodesText(step)),
    step.reused ? paint.faint("reused") : "",
    undoText(step),
    paint.faint(childText(step)),
    step.reason === null ? "" : paint.faint(printable(step.reason)),
  ];
  const first = `${isLast ? "└" : "├"} ${statusMark(step.status, paint)} ${cells.filter((cell) => cell !== "").join("  ")}`;
  const below = `${isLast ? " " : "│"}     `;
  const error = errorText(step);
  return [
    first,
    ...(error === undefined ? [] : [below + paint.bad(error)]),
    ...failedItemLines(step).map((line) => below + paint.faint(line)),
    ...tail.map((line) => below + paint.faint(printable(line).trimEnd())),
  ];
}
