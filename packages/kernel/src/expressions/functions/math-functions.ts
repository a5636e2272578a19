import { evaluationFailure, type Failure } from "../failure.ts";
import type { Frame } from "../frame.ts";
import { BOOL, DOUBLE, DYN, INT, type Type, unify, withoutNull } from "../values/cel-type.ts";
import { extreme } from "../values/order.ts";
import { type CelFunction, define, type Functions } from "./signature.ts";

const NUMBER = ["double", "int"] as const;
const INTEGER = ["int"] as const;
const MAX_DIGITS = 15;

/** A function of one number. What has no fraction is an int, since JSON knows no other difference. */
function ofNumber(
  apply: (value: number) => number | boolean | Failure,
  gives: Type | ((args: readonly Type[]) => Type),
  does: string,
  example: string,
): CelFunction {
  return define<readonly [number]>({
    style: "call",
    takes: [NUMBER],
    does,
    example,
    gives,
    apply: ([value]) => apply(value),
  });
}

function sameType([type]: readonly Type[]): Type {
  return type ?? DYN;
}

/** Halves go away from zero, as cel-go's do; JavaScript takes them up. */
function round(value: number, digits = 0): number | Failure {
  if (Math.abs(digits) > MAX_DIGITS)
    return evaluationFailure(
      `math.round() takes ${-MAX_DIGITS} to ${MAX_DIGITS} digits, not ${digits}`,
    );
  const size = Math.abs(value);
  // Shifting the exponent in text is exact, where 1.005 * 100 is not.
  const rounded = Number(`${Math.round(shifted(size, digits))}e${-digits}`);
  return Math.sign(value) * rounded + 0;
}

function shifted(value: number, digits: number): number {
  const [base, exponent = "0"] = String(value).split("e");
  return Number(`${base}e${Number(exponent) + digits}`);
}

function squareRoot(value: number): number | Failure {
  return value < 0
    ? evaluationFailure(`math.sqrt(${value}): a negative number has no square root`)
    : Math.sqrt(value);
}

function extremeOf(name: string, op: "<" | ">", does: string, example: string): CelFunction {
  return define<readonly unknown[]>({
    style: "call",
    takes: [["double", "int", "list"]],
    isVariadic: true,
    does,
    example,
    gives: extremeType,
    apply: (args, frame) => extremeNumber(name, op, args, frame),
  });
}

function extremeType(args: readonly Type[]): Type {
  const types = args.map((arg) => {
    const type = withoutNull(arg);
    return type.kind === "list" ? type.item : type;
  });
  return types.length === 0 ? DYN : types.reduce(unify);
}

function extremeNumber(
  name: string,
  op: "<" | ">",
  args: readonly unknown[],
  frame: Frame,
): unknown {
  const [first] = args;
  const values = args.length === 1 && Array.isArray(first) ? (first as readonly unknown[]) : args;
  if (values.length === 0 || !values.every((value) => typeof value === "number"))
    return evaluationFailure(`${name}() takes numbers, or one list of them that is not empty`);
  return extreme(name, op, values, frame);
}

/** cel-go's math library, on JSON's numbers. */
export const MATH_FUNCTIONS: Functions = {
  "math.greatest": extremeOf(
    "math.greatest",
    ">",
    "the greatest of the numbers, or of a list of them",
    "math.greatest(1, 2.5) == 2.5 && math.greatest([1, 3]) == 3",
  ),
  "math.least": extremeOf(
    "math.least",
    "<",
    "the least of the numbers, or of a list of them",
    "math.least(1, 2.5) == 1",
  ),
  "math.abs": ofNumber(Math.abs, sameType, "the number without its sign", "math.abs(-2) == 2"),
  "math.sign": ofNumber(
    (value) => Math.sign(value) + 0,
    sameType,
    "-1, 0 or 1, by the sign of the number",
    "math.sign(-2.5) == -1",
  ),
  "math.ceil": ofNumber(
    (value) => Math.ceil(value) + 0,
    INT,
    "the next whole number up",
    "math.ceil(1.2) == 2",
  ),
  "math.floor": ofNumber(
    (value) => Math.floor(value) + 0,
    INT,
    "the next whole number down",
    "math.floor(1.8) == 1",
  ),
  "math.trunc": ofNumber(
    (value) => Math.trunc(value) + 0,
    INT,
    "the whole number towards zero",
    "math.trunc(-1.8) == -1",
  ),
  "math.round": define<readonly [number, number?]>({
    style: "call",
    takes: [NUMBER, INTEGER],
    needs: 1,
    does: "the nearest whole number, or with as many digits as given; halves go away from zero",
    example: "math.round(-1.5) == -2 && math.round(1.005, 2) == 1.01",
    gives: ({ length }) => (length === 1 ? INT : DOUBLE),
    apply: ([value, digits]) => round(value, digits),
  }),
  "math.sqrt": ofNumber(squareRoot, DOUBLE, "the square root", "math.sqrt(9) == 3"),
  "math.isNaN": ofNumber(
    Number.isNaN,
    BOOL,
    "false: JSON has no such numbers; for expressions from elsewhere",
    "!math.isNaN(1.5)",
  ),
  "math.isInf": ofNumber(
    () => false,
    BOOL,
    "false: JSON has no such numbers; for expressions from elsewhere",
    "!math.isInf(1.5)",
  ),
  "math.isFinite": ofNumber(
    Number.isFinite,
    BOOL,
    "true: JSON has no other numbers; for expressions from elsewhere",
    "math.isFinite(1.5)",
  ),
};
