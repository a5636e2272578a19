import { type FieldError, isAppError } from "@yardmaster/protocol/core";

/** What went wrong, for people: with each wrong place where the server named some. */
export function messageOf(error: unknown): string {
  if (!isAppError(error)) return error instanceof Error ? error.message : String(error);
  // What `fetch` throws without an answer; each browser says it in its own odd words.
  if (error.cause instanceof TypeError) return "The server did not answer. Try again.";
  const places = error.errors.filter((place) => !isSaid(error.message, place));
  return [error.message, ...places.map(placeMessage)].join("\n");
}

/** Whether the error itself says all of a wrong place. */
function isSaid(whole: string, { message, hint = "" }: FieldError): boolean {
  return whole.includes(message) && whole.includes(hint);
}

/** A message that names its field needs no path before it. */
function placeMessage({ path, message, hint }: FieldError): string {
  const field = path.split("/").at(-1) ?? "";
  const place = message.includes(field) ? "" : `${path}: `;
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}
