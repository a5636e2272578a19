import { z } from "zod";
import type { Json } from "../json.ts";

/** Any JSON value, as it came. */
export const jsonSchema: z.ZodType<Json> = z.unknown() as unknown as z.ZodType<Json>;

/** UUIDv7, no prefix; lower case is the one form that is compared. */
export const idSchema = z.uuid("must be an id: a UUID").toLowerCase();

/** RFC 3339 in UTC with milliseconds. */
export const timeSchema = z.iso.datetime({ precision: 3 });

/** Name of a source, token or pack: it stands in paths and logs. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "must be 1 to 63 of a-z, 0-9, '.', '_' and '-'");

export const PAGE_LIMIT = 50;
export const MAX_PAGE_LIMIT = 200;

/** Query of every list; the next page stands in the `Link` header (`rel="next"`). */
export const pageFields = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_LIMIT).default(PAGE_LIMIT),
  cursor: z.string().min(1).max(500).optional(),
} as const;

/** A yes or no in a query string. */
export const flagSchema = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");
