import { AppError, isUuid, nearest } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import { presentName } from "../names.store.ts";
import type { AbsentNode } from "../registry.types.ts";
import { reasonOf } from "./node-view.ts";
import { findNodeView, findNodeViewById, liveNodeNames, type NodeViewRow } from "./views.store.ts";

/** Names that a hint is looked for among. */
const MAX_HINTED = 1_000;

/** The node by id or name: the live one, else the one that was revoked last. */
export async function findNode(
  pool: Pool,
  living: readonly string[],
  ref: string,
): Promise<NodeViewRow | undefined> {
  const byId = isUuid(ref) ? await findNodeViewById(pool, living, ref) : undefined;
  return byId ?? (await findNodeView(pool, living, ref));
}

export async function noSuchNode(
  db: Pool | ClientBase,
  name: string,
  what: "node" | "live node" = "node",
): Promise<AppError> {
  const present = await presentName(db, name);
  if (present !== undefined)
    return new AppError("not_found", `There is no ${what} ${name}: it was renamed to ${present}.`);
  const near = nearest(name, await liveNodeNames(db, MAX_HINTED));
  const hint = near === undefined ? "Pair it: yard node pair NAME" : `Did you mean ${near}?`;
  return new AppError("not_found", `There is no ${what} ${name}. ${hint}`);
}

/** What to answer for a node that has no link here. */
export function absenceOf(row: NodeViewRow): AbsentNode {
  const node = { nodeId: row.id, name: row.name };
  const why = reasonOf(row);
  if (row.status === "revoked") {
    return {
      node,
      error: new AppError("node_revoked", `There is no live node ${row.name}. ${why}`),
    };
  }
  const status =
    row.status === "never_seen" ? "was never seen; it was paired at" : `is ${row.status} since`;
  const rest = why ?? "Its link is held by another server process; ask again.";
  return {
    node,
    error: new AppError("node_offline", `The node ${row.name} ${status} ${row.since}. ${rest}`),
  };
}
