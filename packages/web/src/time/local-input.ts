/** A moment as an input of the kind `datetime-local` holds it, in the reader's time zone; empty for none. */
export function toLocalInput(at: string | undefined): string {
  if (at === undefined) return "";
  const moment = new Date(at);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** What stands in such an input, in RFC 3339; undefined for nothing, and for what is no time. */
export function fromLocalInput(text: string): string | undefined {
  const at = Date.parse(text);
  return text === "" || Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
