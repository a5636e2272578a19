import { type FieldError, isAppError } from "@yardmaster/protocol/core";

/** What went wrong, for people: with each wrong place where the server named some. */
export function messageOf(error: unknown): string {
  if (!isAppError(error)) return error instanceof Error ? error.message : String(error);
  // What `fetch` throws without an answer; each browser says it in its own odd words.
  if (error.cause instanceof TypeError) return "The server did not answer. Try again.";
  return [error.message, ...error.errors.map(placeMessage)].join("\n");
}

/** A message that names its field needs no path before it. */
function placeMessage({ path, message, hint }: FieldError): string {
  const field = path.split("/").at(-1) ?? "";
  const place = message.includes(field) ? "" : `${path}: `;
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}
