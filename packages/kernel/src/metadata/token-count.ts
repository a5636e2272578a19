/** Digits, or groups of three of them between one kind of separator; `k` is thousands. */
const COUNT =
  /^~?\s*(\d{1,3}(?:,\d{3}){1,3}|\d{1,3}(?:\s\d{3}){1,3}|\d{1,12})(?!\d)\s?(k\b)?(?=$|[\s.,;:)]|tokens?\b)(?![.,\s]?\d)/iu;
const MAX = 1_000_000_000;

/**
 * A positive number of tokens as people write it: `46800`, `46,800`, `46 800`, `47k`. Undefined where it is none, or
 * could be read in two ways: `46.800` is forty-six in one country and forty-six thousand in the next.
 */
export function tokenCount(text: string): number | undefined {
  const found = COUNT.exec(text.trim());
  if (found === null) return undefined;
  const [, digits = "", thousands] = found;
  const count = Number(digits.replaceAll(/\D/g, "")) * (thousands === undefined ? 1 : 1_000);
  return count > 0 && count <= MAX ? count : undefined;
}
