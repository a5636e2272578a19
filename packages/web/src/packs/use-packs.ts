import { firstOf } from "../live/first-of.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";

const PACE_MS = 1_000;
/** An edit of a folder is told by no change. */
const EVERY_MS = 5_000;
/** All of them, as good as ever: an installation has a few. */
const MOST_PACKS = 1_000;

/** The packs, by name, kept up to date. */
export function usePacks() {
  const { client } = useSession();
  return useFresh({
    key: ["packs"],
    read: (signal) => firstOf(MOST_PACKS, (limit) => client.packs.list({ limit, signal })),
    types: "sensor.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}
