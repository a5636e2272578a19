import {
  deliveryDetailSchema,
  deliverySchema,
  idSchema,
  listDeliveriesSchema,
  readDeliverySchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../../http/index.ts";
import { idCursor, pageOf, pageReply } from "../../paging/index.ts";
import type { Inbox } from "../inbox.ts";

const params = z.strictObject({ id: idSchema });

/** `/v1/deliveries`. `events` has the bodies that became the data of an event: they are kept once. */
export function deliveryRoutes(
  inbox: Pick<Inbox, "deliveries" | "deliveryDetail">,
  events: { dataText(id: string): Promise<string | undefined> },
): Route[] {
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
  const get: Route<{ params: typeof params; query: typeof readDeliverySchema }> = {
    method: "GET",
    path: "/v1/deliveries/{id}",
    summary: "Shows a delivery as it arrived, with its headers and its body.",
    scope: "events:read",
    params,
    query: readDeliverySchema,
    responses: { 200: { description: "The delivery", schema: deliveryDetailSchema } },
    handler: async ({ params: { id }, query: { body_limit } }) => ({
      body: await inbox.deliveryDetail(id, body_limit, events.dataText),
    }),
  };

  return [list, get];
}
