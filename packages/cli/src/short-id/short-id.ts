// Not bounded by words: the code of a colour before an id ends in a letter.
const UUID =
  /(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f-])/;
const EVERY_UUID = new RegExp(UUID, "g");

/**
 * Digits of an id that are shown where there is no room for it: its last ones, which are random. The first eight are
 * those of all that was made within a minute. That any of 100,000 others ends as a given one does: one case in 43,000.
 */
const SHOWN = 8;

/** The text with every id in it short, as commands take it back. */
export function withShortIds(text: string): string {
  return text.replace(EVERY_UUID, (id) => id.slice(-SHOWN));
}

export function hasId(text: string): boolean {
  return UUID.test(text);
}
