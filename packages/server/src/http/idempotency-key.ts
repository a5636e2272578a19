import { AppError } from "@yardmaster/protocol";
import type { Route } from "./route.ts";

export const KEY_HEADER = "idempotency-key";
export const MAX_KEY_LENGTH = 255;
export const KEY_FORM = `1 to ${MAX_KEY_LENGTH} visible ASCII characters, or a string of printable ones in double quotes`;

const BARE = /^[\x21\x23-\x7e][\x21-\x7e]*$/;
/** A String of RFC 9651, as the draft of the header (draft-ietf-httpapi-idempotency-key-header) has it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The `Idempotency-Key` of a request, or undefined without one: `k` and `"k"` are one key. Two headers of the name come
 * joined by a comma and a space, which is neither form.
 * @throws AppError `invalid_request`
 */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = typeof header === "string" ? keyIn(header) : undefined;
  if (key !== undefined && key !== "" && key.length <= MAX_KEY_LENGTH) return key;
  const message = `must be ${KEY_FORM}`;
  throw new AppError("invalid_request", `Idempotency-Key ${message}`, {
    errors: [{ path: "Idempotency-Key", message }],
  });
}

function keyIn(header: string): string | undefined {
  if (BARE.test(header)) return header;
  return QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, "$1");
}

/** Keys belong to tokens, so open routes take none. */
export function takesKey({ method, scope, idempotency }: Route): boolean {
  return method === "POST" && scope !== "open" && idempotency !== "harmless";
}
