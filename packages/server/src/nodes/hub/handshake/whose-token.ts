import type { HandshakeReason } from "@yardmaster/protocol/node";
import type { Known, Verdict } from "../../registry/registry.types.ts";
import type { E2eProof } from "./e2e-offer.ts";

/** Whose token it is. */
export interface Identity {
  readonly nodeId: string;
  readonly tokenId: string;
}

/** Why it lets nobody in. The node hears the same as anybody; `known` is for whoever looks at that node. */
export interface RefusedToken {
  readonly refused: HandshakeReason;
  readonly detail?: string;
  readonly known: Known | undefined;
}

/** Of a proof that it is held: its text was not sent. */
export function ofProof(proven: E2eProof | undefined): Identity | RefusedToken {
  if (proven === undefined) return { refused: "invalid_token", known: undefined };
  const { nodeId, tokenId, over } = proven.secret;
  if (over === undefined) return { nodeId, tokenId };
  return { refused: "revoked", known: { nodeId, why: over } };
}

/** Of its text, by what the registry says of that. */
export function ofToken(verdict: Verdict): Identity | RefusedToken {
  switch (verdict.kind) {
    case "valid": {
      const { nodeId, tokenId, e2e } = verdict;
      if (e2e !== "required") return { nodeId, tokenId };
      return { refused: "e2e_required", known: { nodeId, why: "e2e_required" } };
    }
    case "renamed":
      return { refused: "unknown_node", detail: renamed(verdict.name), known: verdict.known };
    case "revoked":
      return { refused: "revoked", known: verdict.known };
    case "invalid":
      return { refused: "invalid_token", known: verdict.known };
  }
}

/** Told to whoever has the node's token, and so to nobody else. */
function renamed(name: string): string {
  return `this node was renamed on the server: write "name": ${JSON.stringify(name)} into its node.json and start it again`;
}
