import type { Decision } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { PartAnswer } from "../../engine/index.ts";
import type { Stored } from "../deliveries/deliveries.store.ts";

/** What became of a delivery that a companion has let go on; `stale` ones come again and leave nothing. */
export type SettledAs = "new" | "duplicate" | "stale";

/** A row that goes with a delivery, with the revision of the rules that its event was judged by, and what they said. */
export interface Accompanying<Row> {
  readonly row: Row;
  readonly revision: number | null;
  readonly decisions: readonly Decision[];
}

/**
 * What another feature writes in the transaction of a delivery, such as how far its sender has come. It is asked
 * before anything of the deliveries is looked at, and told what became of them behind that. As a part of a commit it
 * must be idempotent: after a lost connection the same rows come again.
 */
export interface Companion<Row> {
  readonly name: string;
  begin(client: ClientBase, rows: readonly Accompanying<Row>[]): Promise<Begun>;
}

export interface Begun {
  /** Of each row; one that is refused leaves nothing. */
  readonly answers: readonly PartAnswer[];
  /** Of each row that was not refused, in their order. */
  end(settled: readonly SettledAs[]): Promise<void>;
}

/** A companion's row on its way; made by `accompany`, so that the two fit. */
export interface Company {
  readonly kind: Companion<never>;
  readonly row: unknown;
}

export function accompany<Row>(kind: Companion<Row>, row: Row): Company {
  return { kind: kind as unknown as Companion<never>, row };
}

interface Accompanied {
  readonly company?: Company | undefined;
  readonly delivery: { readonly revision: number | null };
  readonly decisions: readonly Decision[];
}

/** Asks the companions of a flush, each once. Rows without one are not refused. */
export async function beginCompanies<Row extends Accompanied>(
  client: ClientBase,
  rows: readonly Row[],
): Promise<{
  refusalOf(row: Row): PartAnswer | undefined;
  /** `stored` is of the rows that were not refused, in their order. */
  end(going: readonly Row[], stored: readonly Stored[]): Promise<void>;
}> {
  const groups = new Map<Companion<never>, Row[]>();
  for (const row of rows) {
    if (row.company === undefined) continue;
    const group = groups.get(row.company.kind);
    if (group === undefined) groups.set(row.company.kind, [row]);
    else group.push(row);
  }
  const refusals = new Map<Row, PartAnswer>();
  const begun: [Begun, readonly Row[]][] = [];
  for (const [kind, group] of groups) {
    const asked = await kind.begin(
      client,
      group.map(({ company, delivery, decisions }) => ({
        row: company?.row as never,
        revision: delivery.revision,
        decisions,
      })),
    );
    begun.push([asked, group]);
    group.forEach((row, i) => {
      const answer = asked.answers[i] as PartAnswer;
      if (answer !== "ok") refusals.set(row, answer);
    });
  }
  return {
    refusalOf: (row) => refusals.get(row),
    async end(going, stored) {
      const settled = new Map(going.map((row, i) => [row, settledAs(stored[i] as Stored)]));
      for (const [asked, group] of begun)
        await asked.end(group.flatMap((row) => settled.get(row) ?? []));
    },
  };
}

/** One that was there already is as it was then: new, or a duplicate. */
function settledAs(stored: Stored): SettledAs {
  if (stored === "stale") return "stale";
  return typeof stored === "object" ? "duplicate" : "new";
}
