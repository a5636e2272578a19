import { pageFields } from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../route.ts";

const nothing = z.strictObject({});

/**
 * What the query of a route may hold; anything else is refused by its name. Undefined: it is left alone, since those
 * who ask an open route (senders, probes, browsers) add to it what they like.
 */
export function queryOf({ query, scope, pagedBy }: Route): z.ZodType | undefined {
  if (pagedBy === undefined) return query ?? (scope === "open" ? undefined : nothing);
  if (query === undefined) return z.strictObject(pageFields);
  if (!(query instanceof z.ZodObject))
    throw new Error("a list is paged by a query that is an object (q5p1)");
  return query.extend(pageFields);
}
