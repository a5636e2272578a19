import { _, type FuncKeywordDefinition, str } from "ajv/dist/2020.js";

/**
 * `multipleOf` by the digits that people write: 19.99 is a multiple of 0.01, though their quotient as doubles is
 * 1998.9999999999998. Ajv's own is wrong there, and with a tolerance it takes what is none.
 */
export const MULTIPLE_OF: FuncKeywordDefinition = {
  keyword: "multipleOf",
  type: "number",
  schemaType: "number",
  errors: false,
  validate: (multiple: number, value: number) => isMultiple(value, multiple),
  error: {
    message: ({ schemaCode }) => str`must be multiple of ${schemaCode}`,
    params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}`,
  },
};

function isMultiple(value: number, multiple: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(multiple)) return value % multiple === 0;
  const [a, b] = [decimalOf(value), decimalOf(multiple)];
  if (a === undefined || b === undefined || b.digits === 0n) return false;
  const exponent = Math.min(a.exponent, b.exponent);
  return scaled(a, exponent) % scaled(b, exponent) === 0n;
}

/** digits · 10^exponent */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Of the shortest text that stands for the number, which is what JSON says. */
function decimalOf(value: number): Decimal | undefined {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (whole === "") return undefined;
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
