import { deliverySchema, listDeliveriesSchema } from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../../http/index.ts";
import { idCursor, pageOf, pageReply } from "../../paging/index.ts";
import type { Inbox } from "../inbox.ts";

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
    async handler({ query: { limit, cursor, problem, ...filter }, url }) {
      const hasProblem = problem === undefined ? undefined : problem === "true";
      const found = await inbox.deliveries({
        ...filter,
        limit: limit + 1,
        before: idCursor(cursor),
        hasProblem,
      });
      return pageReply(
        pageOf(found, limit, ({ id }) => id),
        url,
      );
    },
  };
  return [list];
}
