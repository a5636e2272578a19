import type { StepRecord } from "../engine/index.ts";
import { invalidCursor, MAX_PAGE_BYTES, type Page } from "../paging/index.ts";

/** What a page counts: an item or round of a step, or a step that has none. */
interface Line {
  readonly step: StepRecord;
  readonly index: number | undefined;
}

/**
 * `limit` lines of a run's steps behind the one with this cursor, `step` or `step#index`, or fewer where those before
 * them come to `MAX_PAGE_BYTES`. A step whose items do not all fit goes on, under its id, on the next page.
 * @throws AppError `invalid_cursor`
 */
export function stepPage(
  steps: readonly StepRecord[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<StepRecord> {
  const lines = steps.flatMap(linesOf);
  const start = cursor === undefined ? 0 : placeBehind(lines, cursor);
  const page = withinBytes(lines.slice(start, start + limit), lines[start - 1]?.step);
  const last = start + page.length < lines.length ? page.at(-1) : undefined;
  return { rows: stepsOf(page), next: last && cursorOf(last) };
}

function linesOf(step: StepRecord): Line[] {
  const many = step.items ?? step.rounds ?? [];
  if (many.length === 0) return [{ step, index: undefined }];
  return many.map(({ index }) => ({ step, index }));
}

/** What a step has beside its items comes with each page of it, but counts on its first one alone: else each later page would have one item. */
function withinBytes(lines: readonly Line[], before: StepRecord | undefined): readonly Line[] {
  let bytes = 0;
  let counted = before;
  for (const [place, { step, index }] of lines.entries()) {
    if (bytes >= MAX_PAGE_BYTES) return lines.slice(0, place);
    if (step !== counted) bytes += bytesOf({ ...step, items: null, rounds: null });
    if (index !== undefined) bytes += bytesOf((step.items ?? step.rounds ?? [])[index]);
    counted = step;
  }
  return lines;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
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
