import { NODE_CHANGES } from "@yardmaster/protocol";
import type { FeedItem } from "../../engine/index.ts";
import { RUN_FINISHED } from "./run-finished.ts";

const TYPES = new Map<string, string>([
  ["run.finished", RUN_FINISHED],
  ...NODE_CHANGES.map((change) => [`node.${change}`, `yard.node.${change}`] as const),
]);

/** Every type of event that Yardmaster makes of its own change feed. */
export const OWN_TYPES: readonly string[] = [...TYPES.values()];

/** The type of the event that an item of the feed can become; undefined for most. */
export function ownTypeOf({ change }: FeedItem): string | undefined {
  return TYPES.get(change.type);
}
