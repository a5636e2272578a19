import { randomBytes } from "node:crypto";

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The header when it is a valid W3C trace context; a broken one counts as none, as the standard says. */
export function traceparentOf(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && TRACEPARENT.test(header) ? header : undefined;
}

/** The trace id within such a header; undefined where it is none. */
export function traceIdOf(header: string | string[] | undefined): string | undefined {
  return traceparentOf(header)?.slice(3, 35);
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Ids of requests: the client's `X-Request-Id` where it is plain, else a counter under a random prefix. */
export function createRequestIds(): (header: string | string[] | undefined) => string {
  const prefix = randomBytes(6).toString("base64url");
  let count = 0;
  return (header) => {
    if (typeof header === "string" && REQUEST_ID.test(header)) return header;
    return `${prefix}-${(++count).toString(36)}`;
  };
}
