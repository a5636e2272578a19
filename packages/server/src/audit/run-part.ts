import type { ClientBase } from "pg";
import type { CommitPart } from "../engine/index.ts";
import { type AuditBody, canonicalText } from "./canonical.ts";
import { appendEntries, type Chained, findKept, headIsGone } from "./chain.store.ts";

/** An entry that is kept with what a run makes of it, or not at all. */
export interface RunEntry {
  readonly body: AuditBody;
  /** Its place in the chain, once it has one; another, where the flush is written again. */
  place?: Chained;
}

/**
 * Locks the head of the chain until the flush has committed. Nobody who holds it waits for a run, so that no two
 * processes wait for each other; what came over a lost connection already is found by its id.
 */
export const auditPart: CommitPart<RunEntry> = {
  name: "audit",
  isLast: true,
  async apply(client, entries) {
    const kept = await findKept(
      client,
      entries.map(({ body }) => body.id),
    );
    const fresh = entries.filter(({ body }) => !kept.has(body.id));
    const places = fresh.length === 0 ? [] : await append(client, fresh);
    for (const [i, entry] of fresh.entries()) entry.place = places[i] as Chained;
    for (const entry of entries) entry.place = kept.get(entry.body.id) ?? (entry.place as Chained);
    return entries.map(() => "ok");
  },
};

async function append(client: ClientBase, entries: readonly RunEntry[]): Promise<Chained[]> {
  const places = await appendEntries(
    client,
    entries.map(({ body }) => canonicalText(body)),
  );
  if (places.length === entries.length) return places;
  throw headIsGone();
}
