import { AppError, type ErrorCode } from "@yardmaster/protocol";
import type { z } from "zod";
import { fieldErrors } from "./field-errors.ts";

export type Check = (value: unknown) => unknown;

export interface CheckOptions {
  /** What is checked, for the sentence. */
  readonly what: string;
  readonly code: ErrorCode;
}

/** A schema as a function that gives the checked value or throws an AppError with all wrong places. */
export function checkBy(schema: z.ZodType | undefined, { what, code }: CheckOptions): Check {
  if (schema === undefined) return () => undefined;
  return (value) => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const errors = fieldErrors(schema, value, result.error);
    const first = errors[0];
    const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const detail = `${what}: ${first?.path || "the whole"} ${first?.message ?? "is not valid"}${rest}`;
    throw new AppError(code, detail, { errors });
  };
}
