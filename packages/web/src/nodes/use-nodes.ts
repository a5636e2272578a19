import { firstOf } from "../live/first-of.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";
import { type NodeFilter, statusesOf } from "./node-filter.ts";

/** How often the list is read again at most while nodes come and go. */
const PACE_MS = 500;
/** What they do now is told by no change. */
const EVERY_MS = 10_000;

/** The first nodes, by name, that fit the filter, kept up to date. */
export function useNodes({ status, label }: NodeFilter, most: number) {
  const { client } = useSession();
  const filter = { status: statusesOf(status), label };
  return useFresh({
    key: ["nodes", filter, most],
    read: (signal) => firstOf(most, (limit) => client.nodes.list({ ...filter, limit, signal })),
    types: "node.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}
