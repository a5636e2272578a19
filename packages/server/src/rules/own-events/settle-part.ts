import type { Decision } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { CommitPart, PartAnswer } from "../../engine/index.ts";
import { type EventRow, insertEvents } from "../../events/index.ts";
import { insertDecisions } from "../decisions.store.ts";
import { lockPlace, settlePlace } from "./place.store.ts";

/** A stretch of the feed with the events made of it and what the rules said of them. */
export interface Stretch {
  readonly opId: string;
  /** Cursors: the stretch begins behind `from` and ends with `to`. */
  readonly from: string;
  readonly to: string;
  /** Of the rules that it was judged by. */
  readonly revision: number;
  readonly events: readonly EventRow[];
  readonly decisions: readonly Decision[];
}

/** `moved`: another process was here first. */
export type StretchRefusal = "moved" | "stale_rules";

/**
 * The cursor moves over a stretch in the very transaction that writes its events, its decisions and its runs, and
 * only from where the stretch begins, under the lock of the one row. So each change becomes an event once: who dies
 * before the commit has written nothing and left the cursor where it was; of two processes that make the same
 * stretch the second finds the cursor moved, and writes nothing.
 */
export const stretchPart: CommitPart<Stretch> = { name: "own-events", apply };

async function apply(client: ClientBase, stretches: readonly Stretch[]): Promise<PartAnswer[]> {
  const answers: PartAnswer[] = [];
  for (const stretch of stretches) answers.push(await settle(client, stretch));
  return answers;
}

async function settle(client: ClientBase, stretch: Stretch): Promise<PartAnswer> {
  const place = await lockPlace(client);
  // Sent again after a lost connection: it arrived. Should others have moved on since, it is refused although it did;
  // it then starts over behind them, and nothing is done twice.
  if (place?.movedBy === stretch.opId) return "ok";
  if (place === undefined || place.cursor !== stretch.from || !place.isListening)
    return refused("moved");
  if (place.revision !== stretch.revision) return refused("stale_rules");
  await settlePlace(client, { cursor: stretch.to, opId: stretch.opId });
  await insertEvents(client, stretch.events);
  await insertDecisions(client, stretch.decisions);
  return "ok";
}

function refused(why: StretchRefusal): PartAnswer {
  return { refused: why };
}
