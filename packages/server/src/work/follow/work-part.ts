import type { ClientBase } from "pg";
import type { CommitPart, PartAnswer } from "../../engine/index.ts";
import { upsertIssues } from "../issues/issues.store.ts";
import { insertItems, updateItems, writeTries } from "../items/items.store.ts";
import type { OrderRow } from "../orders/order-row.ts";
import { deleteOrder, putOrder } from "../orders/orders.store.ts";
import type { IssueRow, ItemRow, TryRow } from "../work-row.ts";
import { lockWorkPlace, moveWorkPlace } from "./place.store.ts";

/** Everything that one decision about work writes. */
export interface WorkWrite {
  readonly opId: string;
  /** Of the place, as it was when this was decided. */
  readonly version: number;
  /** Of the feed: it is heard up to there. */
  readonly cursor?: string | undefined;
  readonly issues?: readonly IssueRow[] | undefined;
  readonly created?: readonly ItemRow[] | undefined;
  readonly changed?: readonly ItemRow[] | undefined;
  readonly tries?: readonly TryRow[] | undefined;
  readonly order?: OrderRow | undefined;
  readonly withoutOrder?: string | undefined;
}

/** `moved`: something was written since it was decided. */
export type WorkRefusal = "moved";

/**
 * All writes of work go through here, each decided on one version of it and written only where that still stands, under
 * the lock of the one row. So an event makes one item, whichever process hears it and however often; an item starts one
 * run at a time; and who dies before the commit has written nothing and left the cursor where it was.
 */
export const workPart: CommitPart<WorkWrite> = {
  name: "work",
  async apply(client, writes) {
    const answers: PartAnswer[] = [];
    for (const write of writes) answers.push(await apply(client, write));
    return answers;
  },
};

async function apply(client: ClientBase, write: WorkWrite): Promise<PartAnswer> {
  const place = await lockWorkPlace(client);
  // Sent again after a lost connection: it arrived. Should others have written since, it is refused although it did;
  // it is then decided anew on what stands, and nothing is done twice.
  if (place?.movedBy === write.opId) return "ok";
  if (place === undefined || place.version !== write.version)
    return { refused: "moved" satisfies WorkRefusal };
  await moveWorkPlace(client, { cursor: write.cursor ?? null, opId: write.opId });
  await upsertIssues(client, write.issues ?? []);
  await insertItems(client, write.created ?? []);
  await updateItems(client, write.changed ?? []);
  await writeTries(client, write.tries ?? []);
  if (write.order !== undefined) await putOrder(client, write.order);
  if (write.withoutOrder !== undefined) await deleteOrder(client, write.withoutOrder);
  return "ok";
}
