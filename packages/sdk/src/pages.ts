import type { CallOptions, QueryValue, Transport } from "./transport.ts";

/** The filter of a list without its paging: `limit` is how many items are wanted in all; without it, every one. */
export type Listing<Query> = {
  readonly [Key in Exclude<keyof Query, "limit" | "cursor">]?: Query[Key] | undefined;
} & {
  readonly limit?: number | undefined;
} & CallOptions;

/** The most that the API gives in one page. */
export const PAGE_SIZE = 200;

/** Walks a list page by page; the next page is asked for when the one before is used up. */
export async function* listPages<Item, Query = object>(
  transport: Transport,
  path: string,
  { signal, limit = Number.POSITIVE_INFINITY, ...filter }: Listing<Query>,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined;
  let left = limit;
  while (left > 0) {
    const query: Record<string, QueryValue> = {
      ...filter,
      cursor,
      limit: Math.min(left, PAGE_SIZE),
    };
    const response = await transport.open({ path, query, signal });
    const items = await transport.read<readonly Item[]>(response, signal);
    yield* items.slice(0, left);
    left -= items.length;
    cursor = nextCursor(response.headers.get("link"));
    if (cursor === undefined) return;
  }
}

/**
 * The cursor in a `Link` header's next page (RFC 8288). Only the cursor is taken from it: an address would let an
 * answer say where the token goes next.
 */
export function nextCursor(header: string | null): string | undefined {
  if (header === null) return undefined;
  for (const [, target = "", parameters = ""] of header.matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(parameters)) continue;
    return new URL(target, "http://localhost").searchParams.get("cursor") ?? undefined;
  }
  return undefined;
}
