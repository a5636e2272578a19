/** A key as its header carries it: in quotes where it could not be told from what is around it. */
export function keyHeader(key: string | undefined): Record<"idempotency-key", string | undefined> {
  const isBare = key === undefined || /^[^\s"]\S*$/.test(key);
  return { "idempotency-key": isBare ? key : `"${key.replace(/["\\]/g, "\\$&")}"` };
}
