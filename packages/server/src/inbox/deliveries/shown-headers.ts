import { NOT_KEPT } from "./delivery.ts";

/** Names of headers whose value is a secret as a rule; a signature is none, it only holds for this body. */
const SECRET =
  /token|secret|passw|credential|api-?key|^authorization$|^proxy-authorization$|cookie/i;

/** What a sender's headers say, without what lets their reader act as the sender. */
export function shownHeaders(
  headers: Readonly<Record<string, string | string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      SECRET.test(name) && value !== NOT_KEPT ? MASKED : value,
    ]),
  );
}

const MASKED = "(not shown)";
