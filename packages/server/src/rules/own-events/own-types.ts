import { OWN_EVENT_TYPES } from "@yardmaster/protocol";
import type { FeedItem } from "../../engine/index.ts";

const TYPES = new Map(OWN_EVENT_TYPES.map((type) => [type.slice("yard.".length), type]));

/** The type of the event that an item of the feed can become; undefined for most. */
export function ownTypeOf({ change }: FeedItem): string | undefined {
  return TYPES.get(change.type);
}
