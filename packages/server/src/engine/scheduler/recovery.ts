import type { AttemptPlace, RunEvent } from "@yardmaster/kernel";
import type { OnPoint } from "../points.ts";
import type { LostInstants, LostLease, RecoveryStore } from "./recovery.store.ts";
import type { Outlook } from "./scheduler.store.ts";
import type { SetAside } from "./set-aside.ts";
import type { TellRuns } from "./tell-runs.ts";

export interface RecoveryDeps {
  readonly store: RecoveryStore;
  readonly host: string;
  readonly sessionId: () => string;
  /** Whether this process's own session has been unbroken long enough to judge others by their silence. */
  readonly mayJudge: () => boolean;
  readonly isAlive: (pid: number, processStart: string) => boolean;
  /** Ends what a gone worker of this machine left running, before its work is given out again. */
  readonly killOrphans: (sessionId: string) => Promise<number>;
  /** The open instant attempts of a run that an ended session was at. */
  readonly openInstants: (runId: string, sessionId: string) => Promise<readonly AttemptPlace[]>;
  readonly tellRuns: TellRuns;
  readonly untold: SetAside;
  readonly onRecovered: (lost: number, sessionId: string) => void;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
  readonly now: () => number;
  readonly random: () => number;
}

const BATCH = 1_000;

/** Ends the sessions of who is gone; what they held is lost, and given out again by the runs that are told so. */
export function createRecovery(deps: RecoveryDeps) {
  const { store, untold, tellRuns } = deps;
  /** Sessions of this machine whose processes were killed. */
  const cleared = new Set<string>();

  /** Whether there were any. */
  async function endSessions(outlook: Outlook): Promise<boolean> {
    const gone = outlook.neighbours.filter(
      ({ pid, processStart }) => !deps.isAlive(pid, processStart),
    );
    if (gone.length > 0) await store.endGone(gone.map(({ id }) => id));
    // After an outage everybody's session looks expired; who was away himself waits until the others could renew.
    const expired =
      outlook.expired && deps.mayJudge() ? await store.endExpired(deps.sessionId()) : [];
    if (gone.length + expired.length > 0) deps.onPoint?.("recovery.ended_sessions");
    return gone.length + expired.length > 0;
  }

  async function recover(): Promise<void> {
    const lost = await store.lostLeases(BATCH, untold.ids());
    if (lost.length > 0) deps.onPoint?.("recovery.found_lost");
    for (const [sessionId, leases] of bySession(lost)) {
      if (leases[0]?.host === deps.host && !cleared.has(sessionId)) {
        await deps.killOrphans(sessionId);
        cleared.add(sessionId);
      }
      const { gone } = await tellRuns(leases, (lease) =>
        lostEvent(lease, Date.parse(lease.leasedAt)),
      );
      if (gone.length > 0) await store.dropLost(gone);
      deps.onPoint?.("recovery.posted_lost");
      deps.onRecovered(leases.length, sessionId);
    }
    await Promise.all((await store.lostInstants(BATCH, untold.ids())).map(recoverInstants));
  }

  async function recoverInstants(lost: LostInstants): Promise<void> {
    const { runId, sessionId } = lost;
    try {
      const open = await deps.openInstants(runId, sessionId);
      const { failed } = await tellRuns(
        open.map((attempt) => ({ ...attempt, runId, sessionId })),
        (attempt) => lostEvent(attempt),
      );
      // The mark is all that tells of them: without it nobody would look again.
      if (failed.length > 0) return;
      await store.clearInstants(lost);
      if (open.length > 0) deps.onRecovered(open.length, sessionId);
    } catch (error) {
      untold.note(runId, error);
      deps.onError(error, `run ${runId} could not be recovered; trying again`);
    }
  }

  function lostEvent(
    { slot, number, sessionId }: AttemptPlace & { readonly sessionId: string },
    startedAt?: number,
  ): RunEvent {
    return {
      type: "attempt_ended",
      slot,
      number,
      status: "lost",
      ...(startedAt === undefined ? {} : { startedAt }),
      at: deps.now(),
      worker: sessionId,
      random: deps.random(),
    };
  }

  return { endSessions, recover };
}

function bySession(leases: readonly LostLease[]): Map<string, LostLease[]> {
  const groups = new Map<string, LostLease[]>();
  for (const lease of leases) {
    const group = groups.get(lease.sessionId);
    if (group === undefined) groups.set(lease.sessionId, [lease]);
    else group.push(lease);
  }
  return groups;
}
