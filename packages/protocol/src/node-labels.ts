/** What a label of a node may be, whether the operator gives it or the node's owner. */
export const LABEL_KEY = {
  pattern: /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/,
  rule: "must be 1 to 63 of A-Z, a-z, 0-9, '.', '_', '/' and '-', a letter or digit at both ends",
} as const;
export const LABEL_VALUE = {
  pattern: /^[\x20-\x7e]{0,128}$/,
  rule: "must be at most 128 characters of printable ASCII",
} as const;

/** What is wrong with a label, said of its key or its value; undefined where all is well. */
export function labelFlaw(key: string, value: string): string | undefined {
  if (!LABEL_KEY.pattern.test(key)) return `the key ${LABEL_KEY.rule}`;
  return LABEL_VALUE.pattern.test(value) ? undefined : `the value ${LABEL_VALUE.rule}`;
}
