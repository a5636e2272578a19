import type { Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { findDelivery, findDuplicates } from "./deliveries.store.ts";
import { shownHeaders } from "./shown-headers.ts";

/** A delivery as the API shows it, with the ids of those that repeat it; its body is the event's data. */
export async function deliveryView(pool: Pool, id: string): Promise<Json | undefined> {
  const delivery = await findDelivery(pool, id);
  if (delivery === undefined) return undefined;
  const { body: _body, ...shown } = delivery;
  const headers = shownHeaders(shown.headers);
  return { ...shown, headers, duplicates: await findDuplicates(pool, id) };
}
