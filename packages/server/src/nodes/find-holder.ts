import { setTimeout as delay } from "node:timers/promises";
import type { Hub } from "./hub/hub.types.ts";
import type { LinkHolder, Registry } from "./registry/registry.ts";

export interface FindHolderDeps {
  readonly hub: Pick<Hub, "live">;
  readonly registry: Pick<Registry, "absent" | "holder">;
  readonly processId: () => string;
}

export interface FindHolderOptions {
  /** How long to wait for a node that nobody holds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** The process to ask about a node: undefined is this one, be it that the hub says why it cannot be asked. */
export type FindHolder = (
  ref: string,
  options: FindHolderOptions,
) => Promise<LinkHolder | undefined>;

/** A link may come to any process: between two looks at the rows a call waits no longer than this. */
const LOOK_MS = 250;

/**
 * Finds the process that holds a node's link. One that is held here costs no query; one that nobody holds is waited for
 * here and elsewhere at once.
 */
export function createFindHolder({ hub, registry, processId }: FindHolderDeps): FindHolder {
  async function elsewhere(ref: string): Promise<LinkHolder | undefined> {
    const { node } = await registry.absent(ref);
    const holder = node === null ? undefined : await registry.holder(node.nodeId);
    return holder === undefined || holder.processId === processId() ? undefined : holder;
  }

  return async (ref, { waitMs, signal }) => {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      if (hub.live(ref) !== undefined) return undefined;
      const holder = await elsewhere(ref);
      if (holder !== undefined) return holder;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || signal.aborted) return undefined;
      await delay(Math.min(LOOK_MS, leftMs), undefined, { signal }).catch(() => undefined);
    }
  };
}
