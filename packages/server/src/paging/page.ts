import { AppError, isUuid, nextPageLink } from "@yardmaster/protocol";

/** One page of a list, and the cursor after its last row where more may follow. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/**
 * Takes one row more than the page holds to know whether another follows: `rows` was read with `limit + 1`. `isCut`
 * where more follow all the same, since bytes ended them.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  isCut = false,
): Page<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    next: (isCut || rows.length > limit) && last !== undefined ? cursorOf(last) : undefined,
  };
}

/** How a route answers with a page. `url` is as it was asked for. */
export function pageReply<Row>({ rows, next }: Page<Row>, url: string) {
  const headers: { [name: string]: string } = {};
  if (next !== undefined) headers["link"] = nextPageLink(url, next);
  return { body: rows, headers };
}

/** The cursor of a list in the order of its ids: the last id of the page before. @throws AppError `invalid_cursor` */
export function idCursor(cursor: string | undefined): string | undefined {
  if (cursor !== undefined && !isUuid(cursor)) invalidCursor();
  return cursor;
}

/** @throws AppError `invalid_cursor` */
export function invalidCursor(): never {
  throw new AppError(
    "invalid_cursor",
    "The cursor is not one of this list. Take it from the Link header of a page.",
  );
}
