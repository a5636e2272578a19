import type { NodeRefusal, NodeRefusalReason } from "@yardmaster/protocol";
import { quoted } from "./quoted.ts";
import type { NodeViewRow } from "./views.store.ts";

/** The last login that was refused, or null. */
export function refusalView(row: NodeViewRow): NodeRefusal | null {
  const { refused_at: at, refused_address: address, refused_reason: reason } = row;
  if (at === null || address === null || reason === null) return null;
  return { at, address, reason, detail: DETAILS[reason](row.name) };
}

const DETAILS: Record<NodeRefusalReason, (name: string) => string> = {
  node_revoked: (name) =>
    `the node was revoked; pair the machine anew: yard node pair ${quoted(name)}`,
  token_replaced: (name) =>
    `its token is not valid any more, for it was given another; pair the machine again: yard node rotate ${quoted(name)} --no-push`,
  other_name: (name) =>
    `it came under another name; write "name": ${JSON.stringify(name)} into its node.json and start it again`,
  not_swapped: (name) =>
    `it came with its pairing token, which only pairs; a client of the base protocol needs a lasting one: yard node pair ${quoted(name)} --base --force`,
  e2e_required: (name) =>
    `its token came in clear, and it is to encrypt end to end; write "e2e": "required" into its node.json, or let it do without: yard node rotate ${quoted(name)} --e2e off --no-push`,
  name_conflict: (name) =>
    `another machine has its token and was connected; give the right one a new token: yard node rotate ${quoted(name)} --no-push`,
};
