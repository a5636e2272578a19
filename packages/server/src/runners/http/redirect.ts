import type { Outgoing } from "./outgoing.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Headers that hold no credential. Any other may: not only `Authorization` but `Private-Token`, `X-Api-Key`, … */
const HARMLESS = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "traceparent",
  "tracestate",
  "user-agent",
]);

const OF_A_BODY = new Set(["content-type", "idempotency-key"]);

/** Where a response sends the request, or why it cannot go there; undefined where it is no redirect (RFC 9110, 15.4). */
export function redirected(
  from: Outgoing,
  status: number,
  location: string | undefined,
): Outgoing | string | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from.url.href)) return "its Location is no address";
  const url = new URL(location, from.url);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return `it leads to ${url.protocol}, and only http and https are followed`;
  if (from.url.protocol === "https:" && url.protocol === "http:")
    return "it leads from https to http, where everybody on the way can read it";
  url.username = "";
  url.password = "";
  url.hash = "";
  const kept = url.origin === from.url.origin ? from.headers : only(from.headers, HARMLESS);
  if (!becomesGet(from.method, status)) return { ...from, url, headers: kept };
  return { method: "GET", url, headers: without(kept, OF_A_BODY) };
}

/** Why a redirect was the end of the way all the same; undefined where the response is no redirect. */
export function whyStayed(
  status: number,
  location: string | undefined,
  left: number,
  most: number,
): string | undefined {
  if (!REDIRECTS.has(status)) return undefined;
  if (location === undefined) return "a redirect that says not where to (Location)";
  if (left > 0) return undefined;
  return most === 0
    ? "a redirect, of which none is followed (redirects: 0)"
    : `a redirect, after ${most} that were followed (redirects: ${most})`;
}

/** As browsers do: 303 always, 301 and 302 for POST. */
function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

type Headers = Outgoing["headers"];

function only(headers: Headers, names: ReadonlySet<string>): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name)));
}

function without(headers: Headers, names: ReadonlySet<string>): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
}
