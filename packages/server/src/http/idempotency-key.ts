import { AppError } from "@yardmaster/protocol";
import type { Route } from "./route.ts";

export const KEY_HEADER = "idempotency-key";
export const MAX_KEY_LENGTH = 255;

const KEY = new RegExp(`^[\\x20-\\x7e]{1,${MAX_KEY_LENGTH}}$`);

/** The `Idempotency-Key` of a request, or undefined without one. @throws AppError `invalid_request` */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string" && KEY.test(header)) return header;
  const message = `must be 1 to ${MAX_KEY_LENGTH} visible ASCII characters`;
  throw new AppError("invalid_request", `Idempotency-Key ${message}`, {
    errors: [{ path: "Idempotency-Key", message }],
  });
}

/** Keys belong to tokens, so open routes take none. */
export function takesKey({ method, scope, idempotency }: Route): boolean {
  return method === "POST" && scope !== "open" && idempotency !== "harmless";
}
