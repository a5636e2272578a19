/** What turns the direction of the text behind it, in quotes or not: a value would look like another, or like two. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** A value as JSON to be read. It is the same value to whoever takes it from there. */
export function jsonText(value: unknown): string {
  return String(JSON.stringify(value, null, 2)).replace(
    TURNING,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}
