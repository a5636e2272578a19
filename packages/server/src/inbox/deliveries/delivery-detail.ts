import { AppError, type DeliveryDetail } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { findDelivery, findDuplicates, findFirstEvent } from "./deliveries.store.ts";
import { shownBody } from "./shown-body.ts";
import { shownHeaders } from "./shown-headers.ts";

export interface DetailDeps {
  readonly pool: Pool;
  /** The text of an event's data, byte for byte as it came. */
  readonly dataText: (eventId: string) => Promise<string | undefined>;
}

/**
 * A delivery with its headers and the beginning of its body, which is null where it was the data of an event that is
 * gone. @throws AppError `not_found`
 */
export async function deliveryDetail(
  { pool, dataText }: DetailDeps,
  id: string,
  bodyLimit: number,
): Promise<DeliveryDetail> {
  const found = await findDelivery(pool, id);
  if (found === undefined)
    throw new AppError(
      "not_found",
      `There is no delivery ${id}. They are kept for YARD_KEEP_DELIVERIES (7 days unless set).`,
    );
  const { headers, body: kept, ...shown } = found;
  const text =
    kept === null && shown.event_id !== null ? await dataText(shown.event_id) : undefined;
  const body = kept ?? (text === undefined ? null : Buffer.from(text));
  const isRepeat = shown.duplicate_of !== null;
  return {
    ...shown,
    content_type: headers["content-type"] ?? null,
    headers: shownHeaders(headers),
    body: body === null ? null : shownBody(body, bodyLimit),
    event: shown.event_id ?? (isRepeat ? ((await findFirstEvent(pool, id)) ?? null) : null),
    duplicates: await findDuplicates(pool, id),
  };
}
