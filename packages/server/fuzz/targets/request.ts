import type { IncomingHttpHeaders } from "node:http";

/** A request in one text: lines of headers, an empty line, the body. Headers are what Node.js would let through. */
export function requestOf(input: Buffer): { headers: IncomingHttpHeaders; body: Buffer } {
  const end = input.indexOf("\n\n");
  const head = input.subarray(0, end < 0 ? input.length : end).toString("latin1");
  const headers: IncomingHttpHeaders = {};
  for (const line of head.split("\n")) {
    const [, name, value] = /^([\w-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = typeof before === "string" ? `${before}, ${value}` : value.trim();
  }
  return { headers, body: end < 0 ? Buffer.alloc(0) : input.subarray(end + 2) };
}
