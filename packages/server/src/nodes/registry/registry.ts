import type { ChangedNode, NodeStatus, SwappedToken, YardNode } from "@yardmaster/protocol";
import { isConnectionLoss } from "../../db/index.ts";
import { type ChangeRequest, changeNode } from "./changes/changing.ts";
import { revokeNode } from "./changes/revocation.ts";
import { endLinksOf, holderOf, holdersBesides } from "./links/links.store.ts";
import { createLinks, type LinksOptions, type RunningLinks } from "./links/links.ts";
import { tellGone } from "./links/tell-links.ts";
import { presentName } from "./names.store.ts";
import type { AbsentNode } from "./registry.types.ts";
import type { RegistryDeps } from "./registry-deps.ts";
import {
  type PairRequest,
  pairNode,
  type ShownToken,
  type SwapRequest,
  swapPairingToken,
} from "./tokens/pairing.ts";
import {
  confirmRotation,
  giveUpRotation,
  type NewTokenWanted,
  type RotationStarted,
  startRotation,
} from "./tokens/rotation.ts";
import { absenceOf, findNode, noSuchNode } from "./views/absent.ts";
import { nodeView } from "./views/node-view.ts";
import { findNodeView, type LabelWanted, listNodeViews } from "./views/views.store.ts";

/** Which process of the installation holds a node's link, and where its API listens. */
export interface LinkHolder {
  readonly processId: string;
  readonly host: string;
  readonly url: string | null;
}

/** The nodes that were paired: who they are, what they may, and what is known of their links. */
export interface Registry {
  /** What the hub of this process uses. */
  readonly links: RunningLinks;
  /** @throws AppError `conflict` */
  pair(
    request: PairRequest,
    by: string,
  ): Promise<ShownToken & { readonly node: YardNode; readonly warnings: readonly string[] }>;
  /** @throws AppError `invalid_pairing_token` */
  swap(request: SwapRequest, address: string): Promise<SwappedToken>;
  list(filter: {
    readonly statuses: readonly NodeStatus[] | undefined;
    readonly labels: readonly LabelWanted[];
    readonly limit: number;
    readonly after: { readonly name: string; readonly id: string } | undefined;
  }): Promise<YardNode[]>;
  /** By name or id; the live one, else the one that was revoked last. @throws AppError `not_found` */
  get(ref: string): Promise<YardNode>;
  /** @throws AppError `not_found`, `conflict` */
  change(name: string, change: ChangeRequest, by: string): Promise<ChangedNode>;
  /** @throws AppError `not_found` */
  startRotation(name: string, wanted: NewTokenWanted, by: string): Promise<RotationStarted>;
  confirmRotation(tokenId: string): Promise<void>;
  giveUpRotation(tokenId: string): Promise<void>;
  /** Says the same again of one that was revoked already. @throws AppError `not_found` */
  revoke(
    name: string,
    by: { readonly actor: string; readonly reason: string | undefined },
  ): Promise<YardNode>;
  /** The one that had the name last, where no live one has it. */
  revoked(name: string): Promise<YardNode | undefined>;
  /** What the node that had the name before is called now. */
  renamed(name: string): Promise<string | undefined>;
  /** Why a node cannot be asked anything here. */
  absent(ref: string): Promise<AbsentNode>;
  /** Who holds the node's link, by id; undefined where nobody that lives does. */
  holder(nodeId: string): Promise<LinkHolder | undefined>;
  /** Ends the links of processes that are gone; as it does by itself every few seconds. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface RegistryOptions extends LinksOptions {
  readonly sweepMs?: number;
}

const SWEEP_MS = 5_000;
const ORPHANED = "The server process that held its link is gone.";

export async function createRegistry(
  deps: RegistryDeps,
  options: RegistryOptions = {},
): Promise<Registry> {
  const { processes, tell, log } = deps;
  const { pool } = deps.database;
  const links = await createLinks(deps, options);
  let sweeping: Promise<void> | undefined;

  async function living(): Promise<string[]> {
    return [...(await processes.living()).map(({ id }) => id), processes.id()];
  }

  async function get(ref: string): Promise<YardNode> {
    const row = await findNode(pool, await living(), ref);
    if (row === undefined) throw await noSuchNode(pool, ref);
    return nodeView(row);
  }

  async function sweep(): Promise<void> {
    const others = await holdersBesides(pool, processes.id());
    if (others.length === 0) return;
    const ended = await processes.endedAmong(others);
    if (ended.length === 0) return;
    for (const change of await endLinksOf(pool, ended, ORPHANED))
      await tellGone(tell, change, ORPHANED);
  }

  function sweepSoon(): void {
    sweeping ??= sweep()
      .catch((error: unknown) =>
        log[isConnectionLoss(error) ? "debug" : "warn"](
          { err: error },
          "links of ended processes could not be ended; trying again",
        ),
      )
      .finally(() => {
        sweeping = undefined;
      });
  }

  sweepSoon();
  const timer = setInterval(sweepSoon, options.sweepMs ?? SWEEP_MS).unref();

  return {
    links,
    async pair(request, by) {
      const { nodeId, ...shown } = await pairNode(deps, request, by);
      return { ...shown, node: await get(nodeId) };
    },
    swap: (request, address) => swapPairingToken(deps, request, address),
    list: async (filter) => (await listNodeViews(pool, await living(), filter)).map(nodeView),
    get,
    async change(name, change, by) {
      const { nodeId, warnings } = await changeNode(deps, name, change, by);
      return { ...(await get(nodeId)), warnings: [...warnings] };
    },
    startRotation: (name, wanted, by) => startRotation(deps, name, wanted, by),
    confirmRotation: (tokenId) => confirmRotation(deps, tokenId),
    giveUpRotation: (tokenId) => giveUpRotation(deps, tokenId),
    revoke: async (name, by) => await get((await revokeNode(deps, name, by)) ?? name),
    async revoked(name) {
      const row = await findNodeView(pool, await living(), name);
      return row?.status === "revoked" ? nodeView(row) : undefined;
    },
    renamed: (name) => presentName(pool, name),
    async absent(ref) {
      const row = await findNode(pool, await living(), ref);
      return row === undefined
        ? { node: null, error: await noSuchNode(pool, ref) }
        : absenceOf(row);
    },
    async holder(nodeId) {
      const processId = await holderOf(pool, nodeId);
      if (processId === undefined) return undefined;
      const found = (await processes.living()).find(({ id }) => id === processId);
      return found && { processId, host: found.host, url: found.url };
    },
    sweep,
    async close() {
      clearInterval(timer);
      await sweeping;
      await links.close();
    },
  };
}
