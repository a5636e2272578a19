import type { Decision } from "@yardmaster/protocol";
import type { CommitPart, PartAnswer } from "../../engine/index.ts";
import { type EventRow, insertEvents } from "../../events/index.ts";
import { insertDecisions } from "../../rules/index.ts";
import {
  type DeliveryRow,
  insertDeliveries,
  type Stored,
  settleDeliveries,
} from "../deliveries/deliveries.store.ts";
import { beginCompanies, type Company } from "./companion.ts";

/** What one intake writes beside the runs that it starts. */
export interface IntakeRow {
  readonly delivery: DeliveryRow;
  /** Null where no event could be made. */
  readonly event: EventRow | null;
  readonly decisions: readonly Decision[];
  readonly company?: Company | undefined;
}

/**
 * Why an intake's unit did not go on. A duplicate's delivery is stored all the same; a stale one leaves nothing, nor does
 * one that its companion refuses, by a word of its own.
 */
export type IntakeRefusal = "duplicate" | "stale_rules";

/** What is settled about the deliveries says which events and decisions are written at all; then all go at once. */
export const intakePart: CommitPart<IntakeRow> = {
  name: "intake",
  async apply(client, rows) {
    const companies = await beginCompanies(client, rows);
    const going = rows.filter((row) => companies.refusalOf(row) === undefined);
    const deliveries = going.map((row) => row.delivery);
    const settled = await settleDeliveries(client, deliveries);
    const fresh = going.filter((_, i) => settled[i] === "new");
    await Promise.all([
      insertDeliveries(client, deliveries, settled),
      insertEvents(
        client,
        fresh.flatMap(({ event }) => (event === null ? [] : [event])),
      ),
      insertDecisions(
        client,
        fresh.flatMap((row) => row.decisions),
      ),
    ]);
    await companies.end(going, settled);
    const answers = new Map(going.map((row, i) => [row, answerTo(settled[i] as Stored)]));
    return rows.map((row) => companies.refusalOf(row) ?? (answers.get(row) as PartAnswer));
  },
};

function answerTo(stored: Stored): PartAnswer {
  if (stored === "new" || stored === "own") return "ok";
  const refused: IntakeRefusal = stored === "stale" ? "stale_rules" : "duplicate";
  return { refused };
}
