import type { FuncKeywordDefinition } from "ajv/dist/2020.js";
import type { SchemaValidateFunction } from "ajv/dist/types/index.js";

/** `uniqueItems` in one walk: Ajv's own holds each item against all others, which took 10 s of 100,000 numbers. */
export const UNIQUE_ITEMS: FuncKeywordDefinition = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  errors: true,
  validate: areUnique as SchemaValidateFunction,
};

function areUnique(isWanted: boolean, items: readonly unknown[]): boolean {
  const found = isWanted ? sameItems(items) : undefined;
  if (found === undefined) return true;
  const message = `must NOT have duplicate items (items ## ${found.j} and ${found.i} are identical)`;
  (areUnique as SchemaValidateFunction).errors = [
    { keyword: "uniqueItems", message, params: found },
  ];
  return false;
}

function sameItems(items: readonly unknown[]): { i: number; j: number } | undefined {
  const plain = new Map<unknown, number>();
  const nested = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const isNested = typeof item === "object" && item !== null;
    const [known, key] = isNested ? [nested, canonical(item)] : [plain, item];
    const j = (known as Map<unknown, number>).get(key);
    if (j !== undefined) return { i, j };
    (known as Map<unknown, number>).set(key, i);
  }
  return undefined;
}

/** The same text for the same value, in whichever order its keys are. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join()}}`;
}
