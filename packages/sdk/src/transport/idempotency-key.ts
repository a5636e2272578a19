/**
 * A key as its header carries it: in quotes where it could not be told from what is around it. Without one it is a new
 * one: what was sent under a key may be sent again.
 */
export function keyHeader(key = newKey()): Record<"idempotency-key", string> {
  const isBare = /^[^\s"]\S*$/.test(key);
  return { "idempotency-key": isBare ? key : `"${key.replace(/["\\]/g, "\\$&")}"` };
}

/** Not `randomUUID`, which a browser has only for pages that came over TLS or from its own machine. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))]
    .map((part) => part.toString(16).padStart(8, "0"))
    .join("");
}
