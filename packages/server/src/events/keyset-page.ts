import { AppError } from "@yardmaster/protocol";

/** One page of a list, and the cursor after its last row where more may follow. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/** Takes one row more than the page holds to know whether another follows: `rows` was read with `limit + 1`. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
): Page<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    next: rows.length > limit && last !== undefined ? cursorOf(last) : undefined,
  };
}

/** The `Link` header of a list's answer: the same query with the next page's cursor. */
export function nextLink(
  url: string,
  next: string | undefined,
): { readonly [name: string]: string } {
  if (next === undefined) return {};
  const [path, query] = url.split("?");
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", next);
  return { link: `<${path}?${parameters.toString()}>; rel="next"` };
}

/** @throws AppError `invalid_cursor` */
export function invalidCursor(): never {
  throw new AppError(
    "invalid_cursor",
    "The cursor is not one of this list. Take it from the Link header of a page.",
  );
}
