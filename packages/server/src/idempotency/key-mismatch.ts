import { AppError } from "@yardmaster/protocol";

/** Of a key that came with another request before. */
export function keyMismatch(): AppError {
  return new AppError(
    "idempotency_mismatch",
    "This Idempotency-Key was sent with another request within 24 hours; use a new key for a new request",
  );
}
