import type { StepRecord } from "../engine/index.ts";
import { invalidCursor, type Page } from "../paging/index.ts";

/** What a page counts: an item or round of a step, or a step that has none. */
interface Line {
  readonly step: StepRecord;
  readonly index: number | undefined;
}

/**
 * `limit` lines of a run's steps behind the one with this cursor, `step` or `step#index`. A step whose items do not all
 * fit goes on, under its id, on the next page. @throws AppError `invalid_cursor`
 */
export function stepPage(
  steps: readonly StepRecord[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<StepRecord> {
  const lines = steps.flatMap(linesOf);
  const start = cursor === undefined ? 0 : placeBehind(lines, cursor);
  const page = lines.slice(start, start + limit);
  const last = start + limit < lines.length ? page.at(-1) : undefined;
  return { rows: stepsOf(page), next: last && cursorOf(last) };
}

function linesOf(step: StepRecord): Line[] {
  const many = step.items ?? step.rounds ?? [];
  if (many.length === 0) return [{ step, index: undefined }];
  return many.map(({ index }) => ({ step, index }));
}

function cursorOf({ step, index }: Line): string {
  return index === undefined ? step.id : `${step.id}#${index}`;
}

/** A step that had no items yet, when its line was given, may have some now: it comes again, with them. */
function placeBehind(lines: readonly Line[], cursor: string): number {
  const at = lines.findIndex((line) => cursorOf(line) === cursor);
  if (at >= 0) return at + 1;
  const grown = lines.findIndex(({ step }) => step.id === cursor);
  if (grown >= 0) return grown;
  return invalidCursor();
}

function stepsOf(page: readonly Line[]): StepRecord[] {
  const indexes = new Map<StepRecord, Set<number | undefined>>();
  for (const { step, index } of page)
    indexes.set(step, (indexes.get(step) ?? new Set()).add(index));
  return [...indexes].map(([step, given]) => {
    const isGiven = ({ index }: { readonly index: number }): boolean => given.has(index);
    return {
      ...step,
      items: step.items === null ? null : step.items.filter(isGiven),
      ...(step.rounds === undefined ? {} : { rounds: step.rounds.filter(isGiven) }),
    };
  });
}
