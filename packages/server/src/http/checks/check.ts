import { AppError, type ErrorCode, fieldText } from "@yardmaster/protocol";
import type { z } from "zod";
import { crowdedField } from "./crowded-field.ts";
import { errorCount, fieldErrors } from "./field-errors.ts";

export type Check = (value: unknown) => unknown;

export interface CheckOptions {
  /** What is checked, for the sentence. */
  readonly what: string;
  readonly code: ErrorCode;
  /** Nothing of the value is repeated. */
  readonly isSecret?: boolean;
}

/** A schema as a function that gives the checked value or throws an AppError with the wrong places. */
export function checkBy(
  schema: z.ZodType | undefined,
  { what, code, isSecret = false }: CheckOptions,
): Check {
  if (schema === undefined) return () => undefined;
  return (value) => {
    const crowded = crowdedField(schema, value, "");
    if (crowded !== undefined)
      throw new AppError("too_large", `${what}: ${crowded.path} ${crowded.message}`, {
        errors: [crowded],
      });
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const errors = fieldErrors(schema, value, result.error, isSecret);
    const first = errors[0];
    const more = errorCount(result.error) - 1;
    const rest = more > 0 ? ` (and ${more} more)` : "";
    const detail = `${what}: ${firstText(first)}${rest}`;
    throw new AppError(code, detail, { errors });
  };
}

function firstText({
  path,
  message,
}: {
  readonly path: string;
  readonly message: string;
} = NOTHING): string {
  return path === "" ? `the whole ${message}` : fieldText(path, message);
}

const NOTHING = { path: "", message: "is not valid" };
