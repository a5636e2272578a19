/** Where the server is, once its address has been read. */
export interface ServerUrl {
  /** `wss://host[:port]/ws/nodes`: what the link dials. */
  readonly link: URL;
  /** `https://host[:port]/v1/nodes/pair`: where a pairing token is swapped. */
  readonly pairing: URL;
  readonly isSecure: boolean;
  readonly isLoopback: boolean;
}

const LINK_PATH = "/ws/nodes";
const PAIRING_PATH = "/v1/nodes/pair";
const SCHEMES = new Map([
  ["wss:", "wss:"],
  ["https:", "wss:"],
  ["ws:", "ws:"],
  ["http:", "ws:"],
]);

/**
 * Reads a server's address as people write it: `wss://` or `https://`, or `ws://` or `http://` for one on this
 * machine. An empty path means `/ws/nodes`, and any other ends with that: what stands before it is where a proxy
 * serves Yardmaster. A string says what is wrong with the address.
 */
export function readServerUrl(text: string): ServerUrl | string {
  if (!URL.canParse(text)) return "is no URL; write it like wss://yard.example.org";
  const link = new URL(text);
  const scheme = SCHEMES.get(link.protocol);
  if (scheme === undefined) return "must begin with wss:// or https://";
  if (link.username !== "" || link.password !== "") return "must not hold a user or password";
  if (link.search !== "" || link.hash !== "") return "must not have a query or a fragment";
  // Between special schemes, `protocol` may be set.
  link.protocol = scheme;
  if (link.pathname === "" || link.pathname === "/") link.pathname = LINK_PATH;
  if (!link.pathname.endsWith(LINK_PATH)) return strayPath(new URL(text));
  const pairing = new URL(link);
  pairing.protocol = scheme === "wss:" ? "https:" : "http:";
  pairing.pathname = `${link.pathname.slice(0, -LINK_PATH.length)}${PAIRING_PATH}`;
  return { link, pairing, isSecure: scheme === "wss:", isLoopback: isLoopback(link.hostname) };
}

/** Another path would be paired in one place and dialled in another. */
function strayPath({ origin, pathname }: URL): string {
  const whole = `${origin}${pathname.replace(/\/+$/, "")}${LINK_PATH}`;
  return `has the path ${pathname}; write ${origin}, or ${whole} where a proxy serves Yardmaster under that path`;
}

export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
