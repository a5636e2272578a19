import { z } from "zod";
import { MAX_ENDINGS_READ, MIN_ID_DIGITS } from "../ids.ts";
import type { Json } from "../json/json.ts";

/** Any JSON value, as it came. */
export const jsonSchema: z.ZodType<Json> = z.unknown() as unknown as z.ZodType<Json>;

/** UUIDv7, no prefix; lower case is the one form that is compared. */
export const idSchema = z.uuid("must be an id: a UUID").toLowerCase();

/** The beginning or the end of an id. */
export const idPartSchema = z
  .string()
  .regex(
    new RegExp(`^(-?[0-9a-fA-F]){${MIN_ID_DIGITS},32}-?$`),
    `must be ${MIN_ID_DIGITS} to 32 digits of an id: 0-9, a-f`,
  );

/** Filters of a list by parts of ids. */
export const idPartFields = {
  id_prefix: idPartSchema.optional().describe("Only those whose ids begin so."),
  id_suffix: idPartSchema
    .optional()
    .describe(`Only those whose ids end so, among the newest ${MAX_ENDINGS_READ}.`),
};

/** RFC 3339 in UTC with milliseconds. */
export const timeSchema = z.iso.datetime({ precision: 3 });

/** A time as a caller writes it: RFC 3339, with or without fractions of a second, in any offset. */
export const instantSchema = z.iso.datetime({ offset: true });

/** Name of a source, token or pack: it stands in paths and logs. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "must be 1 to 63 of a-z, 0-9, '.', '_' and '-'");

/** A whole number in a query string: digits. JavaScript takes `0x10`, `1e2` and nothing at all for numbers too. */
export const wholeNumberSchema = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    (text) => (typeof text === "string" && /^-?\d+$/.test(text) ? Number(text) : text),
    z.number("must be a whole number").int().min(least).max(most),
  );

export const PAGE_LIMIT = 50;
export const MAX_PAGE_LIMIT = 200;

/** Query of every list; the next page stands in the `Link` header (`rel="next"`). */
export const pageFields = {
  limit: wholeNumberSchema(1, MAX_PAGE_LIMIT).default(PAGE_LIMIT),
  cursor: z.string().min(1).max(500).optional(),
} as const;

/** A yes or no in a query string. */
export const flagSchema = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");
