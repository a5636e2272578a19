import type { TrackerKind } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { IssueWatch } from "../../inbox/index.ts";
import { listTrackers } from "../trackers.store.ts";
import { findsAt, noteDelivered } from "./finds.store.ts";
import { type Heard, heardOf } from "./heard.ts";

interface Watched {
  readonly id: string;
  readonly kind: TrackerKind;
  readonly bot: string | undefined;
}

/**
 * Tells of webhooks what trackers know: that a change had been found before it was delivered, and that the bot itself
 * made it. Trackers grow the revision of the definitions, by which sources are read anew, and these with them.
 */
export function createIssueWatch({ pool }: { readonly pool: Pool }): IssueWatch {
  let watched: ReadonlyMap<string, Watched> = new Map();

  /**
   * A delivery that is on its way in while the same change is being found is not seen here: that takes one that is
   * later than the grace of the finding, within the milliseconds of the commit.
   */
  async function foundAs({ id }: Watched, heard: Heard): Promise<string[]> {
    const { repositoryId, number, updatedAtMs, tells } = heard;
    if (repositoryId === undefined || updatedAtMs === undefined) return [];
    const finds = await findsAt(pool, { trackerId: id, repositoryId, number }, updatedAtMs);
    const same = finds.filter(({ change }) => tells(change));
    const senderIds = [...new Set(same.map(({ senderId }) => senderId))];
    if (senderIds.length > 0) await noteDelivered(pool, id, senderIds);
    return senderIds;
  }

  return {
    async refresh() {
      const rows = await listTrackers(pool);
      watched = new Map(
        rows.map(({ id, kind, source, bot }) => [
          source,
          { id, kind, bot: bot?.toLowerCase() ?? undefined },
        ]),
      );
    },
    look({ source, event, data }) {
      const tracker = watched.get(source);
      if (tracker === undefined) return undefined;
      const sender = senderOf(data);
      const isByBot = sender !== undefined && sender === tracker.bot;
      const heard = heardOf(tracker.kind, event, data);
      if (heard === undefined) return Promise.resolve({ foundAs: [], isByBot });
      return foundAs(tracker, heard).then((ids) => ({ foundAs: ids, isByBot }));
    },
  };
}

/** Logins differ by their letters' case alone nowhere. */
function senderOf(data: unknown): string | undefined {
  const sender = (data as { sender?: { login?: unknown } } | null)?.sender?.login;
  return typeof sender === "string" ? sender.toLowerCase() : undefined;
}
