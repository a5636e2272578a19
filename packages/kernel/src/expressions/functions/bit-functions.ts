import { evaluationFailure, type Failure } from "../failure.ts";
import { INT } from "../values/cel-type.ts";
import { type CelFunction, define, type Functions } from "./signature.ts";

const INTEGER = ["int"] as const;
/** Bits of an int of CEL; JSON's integers end earlier. */
const WIDTH = 64;

/** A function of two ints, worked out with all their 64 bits. */
function ofBits(
  name: string,
  apply: (left: bigint, right: bigint) => bigint,
  does: string,
  example: string,
): CelFunction {
  return define<readonly [number, number]>({
    style: "call",
    takes: [INTEGER, INTEGER],
    does,
    example,
    gives: INT,
    apply: ([left, right]) => exact(name, apply(BigInt(left), BigInt(right))),
  });
}

function exact(name: string, bits: bigint): number | Failure {
  const value = Number(BigInt.asIntN(WIDTH, bits));
  return Number.isSafeInteger(value)
    ? value
    : evaluationFailure(`${name}() gives an int beyond 2^53, where JSON's are no longer exact`);
}

function shift(name: string, does: string, example: string, isLeft: boolean): CelFunction {
  return define<readonly [number, number]>({
    style: "call",
    takes: [INTEGER, INTEGER],
    does,
    example,
    gives: INT,
    apply([value, places]) {
      if (places < 0) return evaluationFailure(`${name}() shifts by 0 or more, not by ${places}`);
      if (places >= WIDTH) return 0;
      const bits = BigInt.asUintN(WIDTH, BigInt(value));
      return exact(name, isLeft ? bits << BigInt(places) : bits >> BigInt(places));
    },
  });
}

export const BIT_FUNCTIONS: Functions = {
  "math.bitAnd": ofBits(
    "math.bitAnd",
    (a, b) => a & b,
    "the bits of both",
    "math.bitAnd(6, 3) == 2",
  ),
  "math.bitOr": ofBits(
    "math.bitOr",
    (a, b) => a | b,
    "the bits of either",
    "math.bitOr(6, 3) == 7",
  ),
  "math.bitXor": ofBits(
    "math.bitXor",
    (a, b) => a ^ b,
    "the bits of one but not of both",
    "math.bitXor(6, 3) == 5",
  ),
  "math.bitNot": define<readonly [number]>({
    style: "call",
    takes: [INTEGER],
    does: "every bit turned",
    example: "math.bitNot(1) == -2",
    gives: INT,
    apply: ([value]) => -value - 1,
  }),
  "math.bitShiftLeft": shift(
    "math.bitShiftLeft",
    "the bits moved to the left",
    "math.bitShiftLeft(1, 3) == 8",
    true,
  ),
  "math.bitShiftRight": shift(
    "math.bitShiftRight",
    "the bits moved to the right, with zeros from the left",
    "math.bitShiftRight(8, 2) == 2",
    false,
  ),
};
