import type { RunFile } from "@yardmaster/protocol";
import { invalidCursor, type Page } from "../paging/index.ts";

/**
 * `limit` files of a run behind the one with this cursor: its step, its item and its place among that one's, which never
 * change. @throws AppError `invalid_cursor`
 */
export function filePage(
  files: readonly RunFile[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<RunFile> {
  const cursors = cursorsOf(files);
  const start = cursor === undefined ? 0 : cursors.indexOf(cursor) + 1;
  if (cursor !== undefined && start === 0) invalidCursor();
  const end = start + limit;
  return {
    rows: files.slice(start, end),
    next: end < files.length ? cursors[end - 1] : undefined,
  };
}

function cursorsOf(files: readonly RunFile[]): string[] {
  const counts = new Map<string, number>();
  return files.map(({ step, item }) => {
    const from = item === null ? step : `${step}#${item}`;
    const nth = counts.get(from) ?? 0;
    counts.set(from, nth + 1);
    return `${from}/${nth}`;
  });
}
