import type { Database } from "../../../db/index.ts";
import type { Processes } from "../../../engine/index.ts";
import { encodeNotice, NODES_CHANNEL } from "../channel.ts";
import { countLogin } from "../nodes.store.ts";
import type { Admission, Login } from "../registry.types.ts";
import { dropSeals } from "../tokens/tokens.store.ts";
import { notifyNodes } from "./links.store.ts";
import {
  type LoginState,
  noteConflict,
  readLoginState,
  setE2e,
  settleRotation,
  takePlace,
} from "./logins.store.ts";

/** So many machines taking the place of another within a minute are two that share a token. */
const MAX_OUSTED = 3;

export type LoginOutcome =
  | (Extract<Admission, { kind: "admitted" }> & {
      /** It may have come back to the calls of the link before. */
      readonly isBack: boolean;
      readonly hasNewToken: boolean;
    })
  | { readonly kind: "revoked" }
  | { readonly kind: "conflict"; readonly name: string; readonly isNew: boolean };

export interface LoginDeps {
  readonly database: Pick<Database, "withTransaction">;
  readonly processes: Pick<Processes, "id">;
}

/**
 * Gives a node's place to a session, or refuses it, in one transaction under the node's row: a revocation comes before
 * it, and then nobody is let in, or after it, and then finds the session.
 */
export async function logIn(deps: LoginDeps, login: Login): Promise<LoginOutcome> {
  const processId = deps.processes.id();
  return await deps.database.withTransaction(async (client) => {
    const node = await countLogin(client, login.nodeId);
    if (node === undefined) return { kind: "revoked" };
    const state = await readLoginState(client, login);
    if (state === undefined) return { kind: "revoked" };
    if (isContested(state)) {
      const isNew = await noteConflict(client, login.nodeId);
      return { kind: "conflict", name: node.name, isNew };
    }
    const { epoch } = node;
    const hasNewToken = state.role === "next";
    await takePlace(client, { login, epoch, processId, ousts: state.isPresentUp && !hasNewToken });
    const e2e = state.e2e ?? node.e2e;
    if (hasNewToken) {
      await settleRotation(client, login.nodeId, login.tokenId);
      if (e2e !== node.e2e) await setE2e(client, login.nodeId, e2e);
      if (e2e === "off") await dropSeals(client, login.nodeId);
    }
    const replaced = state.presentSession;
    if (replaced !== null) {
      const notice = encodeNotice({ kind: "replaced", nodeId: login.nodeId, epoch });
      await notifyNodes(client, NODES_CHANNEL, notice);
    }
    const { pairedFor: _, epoch: __, isRevoked: ___, ...profile } = node;
    return {
      kind: "admitted",
      epoch,
      node: { ...profile, e2e },
      replaced,
      isBack: state.isPresentAway,
      hasNewToken,
    };
  });
}

/** A new token is how a conflict ends: whoever has it is who was given it, and the other one's is worthless from now on. */
function isContested({ role, isPresentUp, isInConflict, oustedLately }: LoginState): boolean {
  return role !== "next" && isPresentUp && (isInConflict || oustedLately >= MAX_OUSTED);
}
