import { nextPageLink } from "@yardmaster/protocol";
import type { RouteReply } from "./route.ts";

export interface PageAsked {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * One page of a list that a handler gave whole, in the order of its keys. The cursor is the last key of the page
 * before: it holds when that item is gone.
 */
export function pageOfReply(
  answer: RouteReply,
  keyOf: (item: unknown) => string,
  { limit, cursor, url }: PageAsked & { readonly url: string },
): RouteReply {
  const keyed = (answer.body as readonly unknown[]).map((item) => ({ item, key: keyOf(item) }));
  const rest = keyed
    .filter(({ key }) => cursor === undefined || key > cursor)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const page = rest.slice(0, limit);
  const body = page.map(({ item }) => item);
  const last = rest.length > limit ? page.at(-1) : undefined;
  if (last === undefined) return { ...answer, body };
  return { ...answer, body, headers: { ...answer.headers, link: nextPageLink(url, last.key) } };
}
