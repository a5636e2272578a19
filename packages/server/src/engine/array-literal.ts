/**
 * PostgreSQL array literals (docs: "Array Input and Output Syntax"), built by hand for the engine's one write: the
 * driver's own way looks at every element of every array as a stranger and costs a third of the flush.
 */

/** Of values whose text needs no quotes: uuids, numbers, booleans. */
export function plainArray(values: readonly (string | number | boolean | null)[]): string {
  let text = "{";
  for (let i = 0; i < values.length; i++)
    text += i === 0 ? (values[i] ?? "NULL") : `,${values[i] ?? "NULL"}`;
  return `${text}}`;
}

/** Of any text without NUL. */
export function textArray(values: readonly (string | null)[]): string {
  let text = "{";
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as string | null;
    if (i > 0) text += ",";
    text += value === null ? "NULL" : quoted(value);
  }
  return `${text}}`;
}

const SPECIAL = /["\\]/;
const EACH_SPECIAL = /["\\]/g;

function quoted(value: string): string {
  return SPECIAL.test(value) ? `"${value.replace(EACH_SPECIAL, "\\$&")}"` : `"${value}"`;
}

/** Of instants. */
export function timeArray(values: readonly (Date | null)[]): string {
  let text = "{";
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ",";
    text += values[i]?.toISOString() ?? "NULL";
  }
  return `${text}}`;
}
