import {
  AppError,
  deliverySchema,
  isUuid,
  listDeliveriesSchema,
  nextPageLink,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { Inbox } from "./inbox.ts";

/** `/v1/deliveries`. */
export function deliveryRoutes(inbox: Inbox): Route[] {
  const list: Route<{ query: typeof listDeliveriesSchema }> = {
    method: "GET",
    path: "/v1/deliveries",
    summary:
      "Lists what sources sent, newest first; also what was refused after its signature held.",
    scope: "events:read",
    query: listDeliveriesSchema,
    responses: { 200: { description: "A page of deliveries", schema: z.array(deliverySchema) } },
    async handler({ query: { limit, cursor, source, problem }, url }) {
      if (cursor !== undefined && !isUuid(cursor))
        throw new AppError(
          "invalid_cursor",
          "Take the cursor from the Link header of the page before",
        );
      const hasProblem = problem === undefined ? undefined : problem === "true";
      const found = await inbox.deliveries({
        limit: limit + 1,
        before: cursor,
        source,
        hasProblem,
      });
      const body = found.slice(0, limit);
      const last = found.length > limit ? body.at(-1) : undefined;
      return { body, ...(last && { headers: { link: nextPageLink(url, last.id) } }) };
    },
  };
  return [list];
}
