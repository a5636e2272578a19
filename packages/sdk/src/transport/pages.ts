import type { CallOptions, QueryValue, Transport } from "./transport.ts";

/** The filter of a list without its paging: `limit` is how many items are wanted in all; without it, every one. */
export type Listing<Query> = {
  readonly [Key in Exclude<keyof Query, "limit" | "cursor">]?: Query[Key] | undefined;
} & {
  readonly limit?: number | undefined;
} & CallOptions;

/** The filter of one page: `limit` is how many items it holds, `cursor` where it begins. */
export type Paging<Query> = Listing<Query> & { readonly cursor?: string | undefined };

/** The most that the API gives in one page. */
export const PAGE_SIZE = 200;

/** One page of a list; `next` is the cursor of the page after it, undefined on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export async function readPage<Item>(
  transport: Transport,
  request: { readonly path: string; readonly query: Readonly<Record<string, QueryValue>> },
  { signal }: CallOptions = {},
): Promise<Page<Item>> {
  const { body, headers } = await transport.answer<readonly Item[]>({ ...request, signal });
  return { items: body, next: nextCursor(headers.get("link")) };
}

/**
 * Walks a list page by page, from `after` on where it is given; the next page is asked for when the one before is
 * used up.
 */
export async function* listPages<Item, Query = object>(
  transport: Transport,
  path: string,
  { signal, limit = Number.POSITIVE_INFINITY, ...filter }: Listing<Query>,
  after?: string,
): AsyncGenerator<Item, void, undefined> {
  let cursor = after;
  let left = limit;
  while (left > 0) {
    const query: Record<string, QueryValue> = {
      ...filter,
      cursor,
      limit: Math.min(left, PAGE_SIZE),
    };
    const { items, next } = await readPage<Item>(transport, { path, query }, { signal });
    yield* items.slice(0, left);
    left -= items.length;
    cursor = next;
    if (cursor === undefined) return;
  }
}

/** Every item of a list, from all its pages. */
export async function readAll<Item>(
  transport: Transport,
  path: string,
  options: CallOptions = {},
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of listPages<Item>(transport, path, options)) items.push(item);
  return items;
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
