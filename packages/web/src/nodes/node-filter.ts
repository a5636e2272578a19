import type { NodeStatus } from "@yardmaster/protocol";
import { HOUSE_LOOKS } from "../status/house-looks.ts";

/** Those that a list of nodes can be narrowed down to, in their order. */
export const SHOWN_STATUSES = [
  "connected",
  "disconnected",
  "never_seen",
  "revoked",
] as const satisfies readonly NodeStatus[];
export type ShownStatus = (typeof SHOWN_STATUSES)[number];

/** What the list of nodes shows, as the address says it. */
export interface NodeFilter {
  readonly status?: ShownStatus;
  /** `os=linux`, or `gpu` for any value; several by commas. */
  readonly label?: string;
}

/** The filter in an address; what is none is left out, so that an old link still shows nodes. */
export function readNodeFilter(search: Readonly<Record<string, unknown>>): NodeFilter {
  const status = SHOWN_STATUSES.find((known) => known === search["status"]);
  const label = typeof search["label"] === "string" ? search["label"].trim() : "";
  return { ...(status !== undefined && { status }), ...(label !== "" && { label }) };
}

/** A link that was just lost, or is about to end, counts by what it still is. */
export function statusesOf(status: ShownStatus | undefined): string | undefined {
  return status === "connected" ? "connected,reconnecting,draining" : status;
}

export function wordOf(status: ShownStatus): string {
  return HOUSE_LOOKS[status].word;
}
