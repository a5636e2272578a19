/**
 * The `Link` header of a list that goes on: the same request with `cursor`. `url` is path and query as they
 * were asked for.
 */
export function nextPageLink(url: string, cursor: string): string {
  const cut = url.indexOf("?");
  const query = new URLSearchParams(cut < 0 ? "" : url.slice(cut + 1));
  query.set("cursor", cursor);
  return `<${cut < 0 ? url : url.slice(0, cut)}?${query.toString()}>; rel="next"`;
}

/** The cursor in a `Link` header, or undefined on the last page. */
export function nextCursor(link: string | null | undefined): string | undefined {
  const target = /<([^>]*)>;\s*rel="next"/.exec(link ?? "")?.[1];
  if (target === undefined || !URL.canParse(target, "http://any")) return undefined;
  return new URL(target, "http://any").searchParams.get("cursor") ?? undefined;
}
