import { isUuid } from "@yardmaster/protocol/core";

/** What the list of deliveries shows, as the address says it. */
export interface DeliveryPlace {
  /** Only those of which no event could be made. */
  readonly problem?: true;
  readonly source?: string;
  /** What is older than the delivery, else the newest. */
  readonly before?: string;
}

/** The place in an address; what is none is left out. */
export function readDeliveryPlace(search: Readonly<Record<string, unknown>>): DeliveryPlace {
  const { before } = search;
  const source = typeof search["source"] === "string" ? search["source"].trim() : "";
  return {
    ...(search["problem"] === true && { problem: true }),
    ...(source !== "" && { source }),
    ...(typeof before === "string" && isUuid(before) && { before }),
  };
}
