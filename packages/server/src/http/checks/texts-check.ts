import { AppError } from "@yardmaster/protocol";
import type { z } from "zod";
import { type Check, type CheckOptions, checkBy } from "./check.ts";

/** As `checkBy`, for the texts of a path or a query: refuses NUL too, which no text in PostgreSQL holds. */
export function textsCheck(schema: z.ZodType | undefined, options: CheckOptions): Check {
  const check = checkBy(schema, options);
  if (schema === undefined) return check;
  return (value) => {
    const texts = Object.entries(value as { readonly [name: string]: unknown });
    const errors = texts.filter(([, text]) => String(text).includes("\0")).map(flawOf);
    if (errors.length === 0) return check(value);
    const detail = `${options.what}: ${errors[0]?.path} ${NUL}`;
    throw new AppError(options.code, detail, { errors });
  };
}

const NUL = "holds a NUL character (%00), which no text here can hold";

function flawOf([name, text]: readonly [string, unknown]) {
  return { path: `/${name}`, message: NUL, got: JSON.stringify(text).slice(0, 80) };
}
