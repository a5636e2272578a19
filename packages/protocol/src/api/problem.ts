import { z } from "zod";
import { ERRORS, type ErrorCode } from "../errors/errors.ts";
import { jsonSchema } from "./values.ts";

export const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** One wrong place. `path` is a JSON pointer into the body, `?name` of the query, or `file:line:column`. */
export const fieldErrorSchema = z
  .object({
    path: z.string(),
    message: z.string(),
    expected: z.string().optional(),
    got: z.string().optional(),
    hint: z.string().optional(),
  })
  .meta({ id: "FieldError" });

/** RFC 9457 problem details, with a stable `code` and the id under which the server logged it. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: errorCodeSchema,
    errors: z.array(fieldErrorSchema),
    request_id: z.string(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;

/** What an ended run, step or attempt says went wrong. */
export const workErrorSchema = z
  .object({
    code: errorCodeSchema,
    message: z.string(),
    details: z.record(z.string(), jsonSchema).optional(),
  })
  .meta({ id: "WorkError" });
