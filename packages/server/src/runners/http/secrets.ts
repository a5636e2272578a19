import type { HttpRequest } from "@yardmaster/kernel";
import { MASK, MIN_MASKED_CHARS } from "../masking/index.ts";
import { storable } from "../output/capture.ts";

const HARMLESS_HEADERS = new Set(["accept", "accept-language", "content-type", "user-agent"]);

/** Where a request went, as far as everybody may read it: paths and queries may hold tokens. */
export function describe({ method, url }: { method: string; url: URL }): string {
  return `${method} ${url.origin}`;
}

/**
 * Hides in a text what the request gave away: servers like to repeat in an error what they were sent. Header values,
 * credentials of the URL, and its query and form count as secrets.
 */
export function hide(text: string, request: HttpRequest): string {
  const secrets = secretsOf(request).filter((secret) => secret.length >= MIN_MASKED_CHARS);
  const longestFirst = secrets.toSorted((a, b) => b.length - a.length);
  return storable(longestFirst.reduce((rest, secret) => rest.replaceAll(secret, MASK), text));
}

function secretsOf({ url, headers, query, form }: HttpRequest): string[] {
  const given = [query, form].flatMap((fields) => Object.values(fields ?? {})).flat();
  const inHeaders = Object.entries(headers ?? {})
    .filter(([name]) => !HARMLESS_HEADERS.has(name.toLowerCase()))
    .map(([, value]) => String(value))
    .flatMap((value) => [value, value.replace(/^\S+\s+/, "")]); // Without `Bearer` or `Basic`.
  return [...inUrl(url), ...given.map(String), ...inHeaders];
}

function inUrl(text: string): string[] {
  if (!URL.canParse(text)) return [text];
  const { pathname, search, searchParams, username, password } = new URL(text);
  const account = [username, password].flatMap((part) => [part, unescaped(part)]);
  return [text, pathname, pathname + search, ...searchParams.values(), ...account];
}

/** The text of a percent-encoded part; the part itself where it is none. */
export function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
