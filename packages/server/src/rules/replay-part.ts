import type { Decision } from "@yardmaster/protocol";
import type { CommitPart, PartAnswer } from "../engine/index.ts";
import { insertDecisions } from "./decisions.store.ts";
import { insertReplays, type ReplayRow, readHolders } from "./replays.store.ts";

/** What one replay writes beside the runs that it starts. */
export interface ReplayUnit {
  readonly row: ReplayRow;
  /** Of the rules that it was judged by. */
  readonly revision: number;
  readonly decisions: readonly Decision[];
}

/** `taken`: another replay has the number, or the batch has replayed the event; look again. */
export type ReplayRefusal = "stale_rules" | "taken";

/**
 * Commits a replay's number together with its decisions and runs: who has not got the number writes nothing, so
 * there is at most one run for each rule, event and replay.
 */
export const replayPart: CommitPart<ReplayUnit> = { name: "replay", apply };

async function apply(client: Parameters<typeof readHolders>[0], units: readonly ReplayUnit[]) {
  const { revision, numbers } = await readHolders(
    client,
    units.map(({ row }) => row.eventId),
  );
  const isOwn = ({ row }: ReplayUnit): boolean =>
    numbers.get(`${row.eventId} ${row.replay}`)?.opId === row.opId;
  const fresh = units.filter((unit) => !isOwn(unit) && unit.revision === revision);
  const drawn = await insertReplays(
    client,
    fresh.map(({ row }) => row).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  );
  await insertDecisions(
    client,
    fresh.filter(({ row }) => drawn.has(row.opId)).flatMap(({ decisions }) => decisions),
  );
  return units.map((unit): PartAnswer => {
    if (isOwn(unit) || drawn.has(unit.row.opId)) return "ok";
    const refused: ReplayRefusal = unit.revision === revision ? "taken" : "stale_rules";
    return { refused };
  });
}

function keyOf({ eventId, replay }: ReplayRow): string {
  return `${eventId} ${String(replay).padStart(10, "0")}`;
}
