import type { Json } from "@yardmaster/protocol";
import type { PartAnswer } from "../../engine/index.ts";
import type { Accompanying, Companion } from "../../inbox/index.ts";
import { lockPlaces, type MovedPlace, movePlaces, type Place } from "./places.store.ts";

/** What goes with an event of a sensor into its transaction. */
export interface LineRow {
  readonly ref: string;
  /** Of the process that printed it. */
  readonly fence: number;
  /** Which of that process's events it is, from 1. */
  readonly place: number;
  /** Undefined where the line said none. */
  readonly cursor: Json | undefined;
}

/** `fenced`: the sensor has another process by now. `out_of_order`: one before it is not settled. */
export type LineRefusal = "fenced" | "out_of_order" | "stale_rules";

/**
 * Lines of a sensor become events one after the other: the next one only, of the process with the newest fence alone,
 * under the lock of the sensor's row. So the cursor that is stored is always that of the last event that is, whichever
 * of several that were sent together had to be judged again; and who was frozen and comes back adds nothing.
 */
export const lineCompanion: Companion<LineRow> = {
  name: "sensor-line",
  async begin(client, rows) {
    const places = await lockPlaces(
      client,
      rows.map(({ row }) => row.ref),
    );
    const next = new Map([...places].map(([ref, place]) => [ref, place.lines + 1]));
    const answers = rows.map(({ row, revision }): PartAnswer => {
      const refusal = refusalOf({ row, revision }, places.get(row.ref), next.get(row.ref));
      if (refusal !== undefined) return { refused: refusal };
      if (row.place === next.get(row.ref)) next.set(row.ref, row.place + 1);
      return "ok";
    });
    const going = rows.filter((_, i) => answers[i] === "ok").map(({ row }) => row);
    return {
      answers,
      async end(settled) {
        const moved = new Map<string, MovedPlace>();
        going.forEach((row, i) => {
          const as = settled[i];
          // One that was sent again after a lost connection has moved it already.
          if (as === "stale" || row.place <= (places.get(row.ref)?.lines ?? 0)) return;
          moved.set(row.ref, movedBy(row, as === "new", moved.get(row.ref)));
        });
        await movePlaces(client, [...moved.values()]);
      },
    };
  },
};

/** Rows that were judged by other rules are refused here: were the first let pass and only then found stale, the next would go before it. */
function refusalOf(
  { row, revision }: Pick<Accompanying<LineRow>, "row" | "revision">,
  place: Place | undefined,
  next: number | undefined,
): LineRefusal | undefined {
  if (place === undefined || place.fence !== row.fence) return "fenced";
  if (row.place <= place.lines) return undefined;
  if (row.place !== next) return "out_of_order";
  return revision === place.revision ? undefined : "stale_rules";
}

function movedBy(
  { ref, place, cursor }: LineRow,
  isNew: boolean,
  before: MovedPlace | undefined,
): MovedPlace {
  return {
    ref,
    lines: place,
    stored: (before?.stored ?? 0) + (isNew ? 1 : 0),
    cursor: cursor === undefined ? before?.cursor : JSON.stringify(cursor),
  };
}
