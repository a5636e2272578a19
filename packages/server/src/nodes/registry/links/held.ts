import type { NodeNotice } from "../channel.ts";
import type { LostSession, NodeProfile } from "../registry.types.ts";
import type { HeldSession, StraySession } from "./links.store.ts";

export interface HeldDeps {
  /** Of these sessions, those that the rows do not give their node's place. */
  readonly findStrays: (held: readonly HeldSession[]) => Promise<readonly StraySession[]>;
  /** Gives back a place that was taken away in error. */
  readonly reclaim: (held: HeldSession) => Promise<void>;
  readonly profile: (nodeId: string) => Promise<NodeProfile | undefined>;
  /** Called with every look at the rows, with all that is held. */
  readonly onLook: (held: readonly HeldSession[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface HeldOptions {
  /** Between two looks at the rows, while anything is held. */
  readonly lookMs: number;
}

export const HELD: HeldOptions = { lookMs: 1_000 };

/**
 * The sessions whose links this process holds. Notices of other processes make it look at once; it looks by itself
 * every second, since a notice may be lost. The rows decide, never the notice.
 */
export function createHeld(deps: HeldDeps, options: HeldOptions = HELD) {
  const sessions = new Map<string, HeldSession>();
  /** Logins whose transaction is under way: what is told of their node meanwhile is looked up when they are in. */
  const coming = new Set<{ readonly nodeId: string; isTold: boolean }>();
  const revoked = new Set<(lost: LostSession) => void>();
  const replaced = new Set<(lost: LostSession) => void>();
  const changed = new Set<(node: NodeProfile) => void>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function plan(): void {
    if (timer !== undefined || sessions.size === 0 || isClosed) return;
    timer = setTimeout(() => {
      void look().then(() => {
        timer = undefined;
        plan();
      });
    }, options.lookMs).unref();
  }

  async function look(): Promise<void> {
    const held = [...sessions.values()];
    if (held.length === 0) return;
    await deps.onLook(held).catch(deps.onError);
    await check(held);
  }

  async function check(held: readonly HeldSession[]): Promise<void> {
    try {
      if (held.length === 0) return;
      for (const stray of await deps.findStrays(held)) await judge(stray);
    } catch (error) {
      deps.onError(error);
    }
  }

  async function judge(stray: StraySession): Promise<void> {
    const held = sessions.get(stray.sessionId);
    // It left while the question was asked, or was told of already.
    if (held === undefined) return;
    if (!stray.isRevoked && stray.presentSession === null && stray.presentEpoch === held.epoch) {
      await deps.reclaim(held);
      return;
    }
    sessions.delete(held.sessionId);
    const { nodeId, sessionId } = held;
    for (const listener of stray.isRevoked ? revoked : replaced) listener({ nodeId, sessionId });
  }

  function ofNode(nodeId: string): HeldSession[] {
    return [...sessions.values()].filter((held) => held.nodeId === nodeId);
  }

  async function tellChanged(nodeId: string): Promise<void> {
    if (ofNode(nodeId).length === 0) return;
    const profile = await deps.profile(nodeId);
    if (profile !== undefined) for (const listener of changed) listener(profile);
  }

  /** What was told of its node while it logged in may have come too early for it. */
  async function lookAgain(held: HeldSession): Promise<void> {
    await check([held]);
    await tellChanged(held.nodeId).catch(deps.onError);
  }

  function onNotice(notice: NodeNotice): void {
    for (const login of coming) if (login.nodeId === notice.nodeId) login.isTold = true;
    if (notice.kind === "changed") {
      void tellChanged(notice.nodeId).catch(deps.onError);
      return;
    }
    const older = notice.kind === "replaced" ? notice.epoch : Number.POSITIVE_INFINITY;
    void check(ofNode(notice.nodeId).filter(({ epoch }) => epoch < older));
  }

  /** Runs a login, and takes the session that it gives. */
  async function during<T>(
    nodeId: string,
    login: () => Promise<T>,
    sessionOf: (outcome: T) => HeldSession | undefined,
  ): Promise<T> {
    const mark = { nodeId, isTold: false };
    coming.add(mark);
    try {
      const outcome = await login();
      const held = sessionOf(outcome);
      if (held !== undefined) {
        sessions.set(held.sessionId, held);
        plan();
        if (mark.isTold) setImmediate(() => void lookAgain(held));
      }
      return outcome;
    } finally {
      coming.delete(mark);
    }
  }

  return {
    during,
    onNotice,
    look,
    /** True where it was held. */
    forget: (sessionId: string): boolean => sessions.delete(sessionId),
    list: (): readonly HeldSession[] => [...sessions.values()],
    onRevoked: (listener: (lost: LostSession) => void) => listen(revoked, listener),
    onReplaced: (listener: (lost: LostSession) => void) => listen(replaced, listener),
    onChanged: (listener: (node: NodeProfile) => void) => listen(changed, listener),
    close(): void {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

export type Held = ReturnType<typeof createHeld>;

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
