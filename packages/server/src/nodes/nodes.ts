import {
  AppError,
  type NodeSession,
  type PairedNode,
  type RotatedNode,
  type rotateNodeSchema,
  type SwappedToken,
  type YardNode,
} from "@yardmaster/protocol";
import type { z } from "zod";
import { sessionView } from "./call-views.ts";
import type { Hub, LiveState } from "./hub/hub.types.ts";
import { createGate } from "./hub/wire/gate.ts";
import { audited } from "./registry/audited.ts";
import type { Registry } from "./registry/registry.ts";
import type { RegistryDeps } from "./registry/registry-deps.ts";
import type { PairRequest, SwapRequest } from "./registry/tokens/pairing.ts";
import { PUSHED_LIFE_MS } from "./registry/tokens/rotation.ts";

export type RotateRequest = z.output<typeof rotateNodeSchema>;

export interface NodesDeps {
  readonly registry: Registry;
  readonly hub: Hub;
  readonly audited: Pick<RegistryDeps, "tell" | "newId" | "monotonicMs">;
}

export interface NodesOptions {
  /** Pairing tokens of one address that are not valid, within a minute. */
  readonly badSwapsPerMinute: number;
}

export const NODES_OPTIONS: NodesOptions = { badSwapsPerMinute: 20 };

/** What is asked about nodes, where the registry and the links of this process must act together. */
export interface Nodes {
  pair(request: PairRequest, by: string): Promise<PairedNode>;
  /** @throws AppError `invalid_pairing_token`; `rate_limited` for an address that has sent too many of those */
  swap(request: SwapRequest, address: string): Promise<SwappedToken>;
  list: Registry["list"];
  get(ref: string): Promise<YardNode>;
  change: Registry["change"];
  /** Over the link where the node can take it, and else shown. @throws AppError `not_found`, `conflict` */
  rotate(name: string, request: RotateRequest, by: string): Promise<RotatedNode>;
  /** Resolves when the link, if it is held here, is closed. */
  revoke(
    name: string,
    by: { readonly actor: string; readonly reason: string | undefined },
  ): Promise<YardNode>;
  /** Shell sessions as far as this process has seen them. */
  sessions(ref: string): Promise<NodeSession[]>;
}

export function createNodes(deps: NodesDeps, options: NodesOptions = NODES_OPTIONS): Nodes {
  const { registry, hub } = deps;
  const { monotonicMs } = deps.audited;
  const strangers = createGate({
    strangers: Number.POSITIVE_INFINITY,
    strangersPerAddress: Number.POSITIVE_INFINITY,
    failuresPerMinute: options.badSwapsPerMinute,
  });

  /** What this process knows better than the rows, which are written every few seconds. */
  function current(node: YardNode): YardNode {
    const live = hub.live(node.id);
    if (live === undefined) return node;
    return { ...node, load: { ...node.load, calls: live.openCalls + live.queuedCalls } };
  }

  async function swap(request: SwapRequest, address: string): Promise<SwappedToken> {
    const nowMs = monotonicMs();
    strangers.forget(nowMs);
    const waitMs = strangers.enter(address, nowMs);
    if (waitMs > 0) throw tooMany(address, waitMs);
    try {
      return await registry.swap(request, address);
    } catch (error) {
      strangers.failed(address, monotonicMs());
      throw error;
    } finally {
      strangers.leave(address);
    }
  }

  async function rotate(name: string, request: RotateRequest, by: string): Promise<RotatedNode> {
    const { push, e2e } = request;
    const wanted = { e2e, expiresIn: request.expires_in };
    if (push && canTake(hub.live(name), e2e)) {
      const started = await registry.startRotation(name, { ...wanted, way: "pushed" }, by);
      const { nodeId, tokenId, token: text } = started;
      const outcome = await hub.rotate(nodeId, { text, oldValidMs: PUSHED_LIFE_MS });
      if (outcome.status === "delivered") {
        await registry.confirmRotation(tokenId);
        return { node: await registry.get(nodeId), ...DELIVERED };
      }
      // A node that did not answer may have the new token in its config: until it expires both are valid.
      if (outcome.status === "refused") throw notTaken(name, outcome.reason);
      await registry.giveUpRotation(tokenId);
    }
    const shown = await registry.startRotation(name, { ...wanted, way: "shown" }, by);
    return {
      node: await registry.get(shown.nodeId),
      delivered: false,
      token: shown.token,
      token_kind: shown.kind,
      expires_at: shown.expiresAt,
    };
  }

  return {
    swap,
    list: async (filter) => (await registry.list(filter)).map(current),
    get: async (ref) => current(await registry.get(ref)),
    change: registry.change,
    async pair(request, by) {
      const { node, token, kind, expiresAt, warnings } = await registry.pair(request, by);
      const shown = { token, token_kind: kind, expires_at: expiresAt };
      return { node, ...shown, warnings: [...warnings] };
    },
    async rotate(name, request, by) {
      const details = {
        push: request.push,
        ...(request.e2e === undefined ? {} : { e2e: request.e2e }),
      };
      const act = { actor: by, action: "node.rotate", subject: name, details } as const;
      const { rotated } = await audited(deps.audited, act, async () => {
        const rotated = await rotate(name, request, by);
        return { rotated, nodeId: rotated.node.id };
      });
      const { id: nodeId } = rotated.node;
      const state = rotated.delivered ? "delivered" : "shown";
      await deps.audited.tell.announce("rotated", { nodeId, name }, { by, state });
      return rotated;
    },
    async revoke(name, by) {
      const node = await registry.revoke(name, by);
      await hub.revokeLive(node.id);
      return await registry.get(node.id);
    },
    async sessions(ref) {
      if (hub.live(ref) === undefined) throw (await registry.absent(ref)).error;
      return hub.sessions(ref).map(sessionView);
    },
  };
}

/**
 * A node's own config says whether it encrypts, and only pairing changes that: a token that must never be shown in
 * clear would lock out a node that does not, and one that is not kept sealed a node that does.
 */
function canTake(live: LiveState | undefined, e2e: RotateRequest["e2e"]): boolean {
  if (live?.capabilities.includes("rotate") !== true) return false;
  if (e2e === "required") return live.isE2e;
  return e2e !== "off" || !live.isE2e;
}

const DELIVERED = { delivered: true, token: null, token_kind: null, expires_at: null } as const;

function tooMany(address: string, waitMs: number): AppError {
  return new AppError(
    "rate_limited",
    `Too many pairing tokens from ${address} were not valid; try again in ${Math.ceil(waitMs / 1_000)} s`,
  );
}

function notTaken(name: string, reason: string): AppError {
  return new AppError(
    "conflict",
    `The node ${name} did not take the new token (${reason}); its old one stays valid. Try again, or have the token shown: yard node rotate ${name} --no-push`,
  );
}
