import {
  type LaneRate,
  MAX_LOSSES_IN_ROW,
  type RunEvent,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import { isFinal, type RunStatus } from "@yardmaster/protocol";
import type { AttemptRow } from "../src/engine/attempt-row.ts";
import type { RunOp } from "../src/engine/commit/run-op.types.ts";
import type { StoredRun } from "../src/engine/keeper/keeper.store.ts";
import { fold } from "../src/engine/keeper/kept-run.ts";
import type { Outcome } from "../src/engine/worker/assignment.ts";
import { REST_MS } from "../src/engine/worker/rest.ts";
import { rowKey, type Tables } from "./model/index.ts";
import { createPauseCheck } from "./pause-check.ts";
import type { World } from "./world.ts";

/** A process of an attempt, outside of the engine: it goes on whatever becomes of the worker that started it. */
export interface Child {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly host: string;
  readonly session: string;
  /** Whether its worker could do nothing about it at that moment: dead, frozen, or just back. */
  readonly ownerAway: () => boolean;
  /** Instant, and in no lane: nobody leases it, so it may be carried out again. Its end is recorded once. */
  readonly mayRepeat: boolean;
  outcome: Outcome | undefined;
  /** Killed by another process than its worker, as what a gone session left. */
  killedAsOrphan: boolean;
}

/** Who recorded an attempt as lost, and when. */
interface Loss {
  readonly host: string;
  readonly at: number;
}

/** From the cancel of a run to the end of its attempts: a look every 2 s, and 2 s to end in order. */
const STOP_MS = 5_000;

/**
 * The outside ledger of a history: what really ran and what was promised, held against what the store records.
 * Every breach of what the engine must keep is a line of `breaches`; a history without one is a good history.
 */
export function createLedger(
  world: World,
  tables: Tables,
  { isCalm, calmFromMs }: { readonly isCalm: boolean; readonly calmFromMs: number },
) {
  const breaches: string[] = [];
  const pauses = createPauseCheck({ now: world.now, breach, calmFromMs });
  const children = new Map<string, Child>();
  /** What was carried out at once with its run's birth: again, where that did not become durable. */
  const unborn = new Set<string>();
  const losses = new Map<string, Loss>();
  const finals = new Map<string, string>();
  const versions = new Map<string, number>();
  const results = new Map<string, string>();
  const lines = new Map<string, string[]>();
  /** Starts in lanes with a rate, and which were counted. */
  const starts = new Map<string, number[]>();
  const counted = new Set<string>();
  const acknowledged = new Set<string>();
  const canceled = new Set<string>();
  /** Whose cancel somebody waits for who has no definition; and those that were canceled in order since. */
  const asked = new Set<string>();
  const inHand = new Set<string>();
  /** What a machine could not begin; and when each life had that, lately. */
  const givenBack = new Set<string>();
  const refusals = new Map<string, readonly number[]>();
  /** Since when lanes are paused. */
  const pausedLanes = new Map<string, number>();
  const kills: { readonly life: string; readonly at: number; readonly keys: string[] }[] = [];
  const counts = { attempts: 0, lost: 0, overlaps: 0, ended: 0, abandoned: 0, givenBack: 0 };

  function breach(what: string): void {
    world.trace(() => `BREACH ${what}`);
    if (breaches.length < 20) breaches.push(`at ${(world.now() / 1000).toFixed(3)} s: ${what}`);
  }

  function start(child: Child): void {
    const key = rowKey(child.runId, child.slot, child.number);
    counts.attempts++;
    const isKnown = children.has(key) && !unborn.has(key);
    if (isKnown && !child.mayRepeat) breach(`attempt ${key} was started twice`);
    if (!versions.has(child.runId)) unborn.add(key);
    if (finals.has(child.runId) && !child.ownerAway() && !child.mayRepeat)
      breach(`attempt ${key} was started after its run had ended`);
    for (let number = 1; number < child.number; number++) {
      const before = children.get(rowKey(child.runId, child.slot, number));
      if (before?.outcome === undefined && before !== undefined) judgeOverlap(child, before);
    }
    children.set(key, child);
  }

  /**
   * Two attempts of a slot may run at once only where the first could not be ended: its worker is away, and who
   * recorded the loss is on another machine. On the same machine the orphan is killed before its work is given out.
   */
  function judgeOverlap(child: Child, before: Child): void {
    counts.overlaps++;
    const loss = losses.get(rowKey(before.runId, before.slot, before.number));
    if (!before.ownerAway())
      breach(`${name(child)} overlaps ${name(before)}, whose worker is there and well`);
    else if (loss?.host === before.host && before.outcome === undefined)
      breach(`${name(child)} overlaps ${name(before)}, an orphan of the machine that recovered it`);
  }

  /** What a flush wrote, told when it is durable. */
  function committed(ops: readonly RunOp[], written: ReadonlySet<string>, host: string): void {
    for (const op of ops) {
      if (!written.has(op.runId)) continue;
      if (finals.has(op.runId)) breach(`run ${op.runId} was changed after it had ended`);
      const version = versions.get(op.runId) ?? 0;
      if (version !== op.expected)
        breach(`run ${op.runId} went from version ${version} to ${op.expected + 1}`);
      versions.set(op.runId, op.expected + 1);
      pauses.written(op);
      if (isAbandoning(op)) abandoned(op);
      else if (op.canceling && asked.has(op.runId)) inHand.add(op.runId);
      for (const ended of op.ended) recorded(op, ended.slot, ended.number, ended.status, host);
      for (const row of op.dispatch) {
        if (row.key !== null && row.queue !== "") stand(op.runId, row.queue, row.key);
        if (row.state === "leased") leased(op.runId, row.queue, row.key);
      }
      for (const stop of op.stops) stopped(op.runId, stop.slot, stop.number);
      // The text is looked at first: hardly any has it.
      if (op.events.includes('"begun":false')) goneBack(op);
      if (op.finish !== undefined) ended(op.runId, op.finish.status);
    }
    checkLimits();
  }

  /** By somebody without the definition: only where that was asked, from the leaves on, and where nobody is at it. */
  function abandoned({ runId }: RunOp): void {
    counts.abandoned++;
    if (!asked.has(runId)) breach(`run ${runId} was abandoned, and nobody asked for it`);
    if (inHand.has(runId)) breach(`run ${runId} was abandoned while it was canceled in order`);
    for (const [id, { birth }] of tables.runs)
      if (birth.parent?.runId === runId) breach(`run ${runId} was abandoned before its step ${id}`);
  }

  /** A worker rests from what it could not begin: else it would have it again and again. */
  function givesBack({ runId, slot, number }: AttemptRow, life: string, capacity: number): void {
    givenBack.add(rowKey(runId, slot, number));
    const most = 2 * capacity + 1;
    const times = [...(refusals.get(life) ?? []), world.now()].slice(-most - 1);
    refusals.set(life, times);
    const stretchMs = world.now() - (times[0] ?? 0);
    if (times.length > most && stretchMs < REST_MS.first)
      breach(`${life} took ${times.length} attempts within ${stretchMs} ms that it cannot begin`);
  }

  function recorded(op: RunOp, slot: string, number: number, status: string, host: string): void {
    const key = rowKey(op.runId, slot, number);
    if (results.has(key))
      breach(`the result of ${key} was ${results.get(key)} and is now ${status}`);
    results.set(key, status);
    if (status === "lost" && givenBack.has(key)) {
      counts.givenBack++;
      return;
    }
    if (status === "lost") {
      counts.lost++;
      losses.set(key, { host, at: world.now() });
      return;
    }
    const child = children.get(key);
    // Whatever they come to: who ends their run does not wait for them.
    if (isAbandoning(op)) return;
    // What nobody leases may have been carried out and not recorded yet when its run was canceled.
    if (status === "canceled" && (child === undefined || child.mayRepeat)) return;
    if (child === undefined) breach(`${key} is recorded as ${status} and never ran`);
    else if (child.killedAsOrphan && status !== "canceled")
      breach(`${key} was killed as an orphan and is recorded as ${status}, not as lost`);
    else if (child.outcome?.status !== status)
      breach(`${key} ended as ${child.outcome?.status} and is recorded as ${status}`);
  }

  /** Whoever has it next asks no check whether its work was done. */
  function goneBack({ runId, events }: RunOp): void {
    for (const event of JSON.parse(events) as readonly RunEvent[]) {
      if (event.type !== "attempt_ended" || event.begun !== false) continue;
      const key = rowKey(runId, event.slot, event.number);
      if (children.has(key)) breach(`${key} was started and is recorded as never begun`);
    }
  }

  /** Where all can be reached, a cancel reaches what runs: by a hint, or by the look that does not need one. */
  function stopped(runId: string, slot: string, number: number): void {
    if (!isCalm) return;
    world.after(STOP_MS, () => {
      const child = children.get(rowKey(runId, slot, number));
      if (child !== undefined && child.outcome === undefined && !child.ownerAway())
        breach(`${name(child)} runs on ${STOP_MS} ms after its run was canceled`);
    });
  }

  function ended(runId: string, status: string): void {
    counts.ended++;
    finals.set(runId, status);
    if (!isFinal(status as RunStatus)) breach(`run ${runId} ended with the status ${status}`);
    for (const line of lines.values()) {
      const at = line.indexOf(runId);
      if (at >= 0) line.splice(at, 1);
    }
  }

  function stand(runId: string, queue: string, key: string): void {
    const name = `${queue}/${key}`;
    const line = lines.get(name) ?? [];
    lines.set(name, line);
    if (!line.includes(runId)) line.push(runId);
  }

  function leased(runId: string, queue: string, key: string | null): void {
    if (queue === "" || key === null || tables.queues.get(queue)?.fifo !== true) return;
    const first = lines.get(`${queue}/${key}`)?.[0];
    if (first !== runId)
      breach(`run ${runId} was served before ${first}, which came first before ${queue}/${key}`);
  }

  /** In no stretch of the rate's time more than it allows: each start against the one that is so many before it. */
  function checkRate(queue: string, { starts: most, perMs }: LaneRate): void {
    const times = starts.get(queue) ?? [];
    starts.set(queue, times);
    for (const [key, { queue: lane, leasedAt }] of tables.leases) {
      if (lane !== queue || counted.has(key)) continue;
      counted.add(key);
      const before = times[times.length - most];
      times.push(leasedAt);
      if (before !== undefined && leasedAt - before < perMs)
        breach(`${most + 1} attempts started in ${queue} within ${leasedAt - before} ms`);
    }
  }

  function checkLimits(): void {
    for (const [queue, limits] of tables.queues) {
      if (limits.rate) checkRate(queue, limits.rate);
      const busy = [...tables.leases.values()].filter((row) => row.queue === queue);
      if (limits.concurrency !== null && busy.length > limits.concurrency)
        breach(
          `${busy.length} attempts are leased in ${queue}, which allows ${limits.concurrency}`,
        );
      if (limits.keyConcurrency === null) continue;
      const keys = new Map<string, number>();
      for (const { key } of busy) if (key !== null) keys.set(key, (keys.get(key) ?? 0) + 1);
      for (const [key, count] of keys)
        if (count > limits.keyConcurrency)
          breach(
            `${count} attempts are leased for ${queue}/${key}, which allows ${limits.keyConcurrency}`,
          );
    }
  }

  return {
    breaches,
    counts,
    breach,
    start,
    committed,
    givesBack,
    lanePaused(lane: string, isPaused: boolean): void {
      if (!isPaused) pausedLanes.delete(lane);
      else if (!pausedLanes.has(lane)) pausedLanes.set(lane, world.now());
    },
    children: (): IterableIterator<Child> => children.values(),
    /** `begunAt`: when the claim began. */
    claimed(
      rows: readonly { runId: string; slot: string; number: number }[],
      begunAt: number,
    ): void {
      for (const { runId, slot, number } of rows) {
        pauses.started(runId, rowKey(runId, slot, number), begunAt);
        const row = tables.leases.get(rowKey(runId, slot, number));
        if (row === undefined) continue;
        leased(runId, row.queue, row.key);
        if ((pausedLanes.get(row.queue) ?? begunAt) < begunAt)
          breach(`${name(row)} was leased in ${row.queue}, which is paused`);
      }
      checkLimits();
    },
    /** A worker died, and others that may judge it live on: what it held must be seen as lost in time. */
    killed(life: string, sessions: readonly string[]): void {
      const held = [...tables.leases.values()].filter((row) => sessions.includes(row.session));
      const keys = held.map((row) => rowKey(row.runId, row.slot, row.number));
      kills.push({ life, at: world.now(), keys });
    },
    checkRecovery(): void {
      for (const { life, at, keys } of kills.splice(0)) {
        for (const key of keys)
          if (!results.has(key))
            breach(`${key}, which died with ${life}, was not recovered in ${world.now() - at} ms`);
      }
    },
    acknowledge: (runId: string) => acknowledged.add(runId),
    asked(runIds: readonly string[]): void {
      for (const runId of runIds) {
        asked.add(runId);
        inHand.delete(runId);
      }
    },
    acknowledgeCancel: (runId: string) => canceled.add(runId),
    isEnded: (runId: string) => finals.has(runId),
    loss: (runId: string, slot: string, number: number) => losses.get(rowKey(runId, slot, number)),
    /**
     * A step gives up only when its tries are used up, and lost ones are none: unless the run starts nothing any
     * more, or three were lost in a row.
     */
    checkTries(runId: string, stored: StoredRun, workflow: WorkflowDefinition): void {
      const { state } = fold(runId, stored, workflow);
      const ended = finals.get(runId);
      if (ended !== undefined && (state.phase !== "ended" || state.status !== ended))
        breach(`run ${runId} ended as ${ended} and folds to ${state.phase} ${state.status}`);
      for (const step of workflow.steps) {
        const stays = state.status === "success" || isOnlyFailure(step.id, workflow, state);
        for (const slot of stays ? (state.steps[step.id]?.slots ?? []) : []) {
          const losses = slot.attempts.filter(({ status }) => status === "lost");
          const tried = slot.attempts.length - losses.length;
          const key = step.forEach === undefined ? step.id : `${step.id}#0`;
          const lost = losses.filter(
            ({ number }) => !givenBack.has(rowKey(runId, key, number)),
          ).length;
          if (slot.phase !== "failed" && slot.phase !== "timed_out") continue;
          if (slot.error?.code === "worker_lost" && lost >= MAX_LOSSES_IN_ROW) continue;
          if (tried !== step.retry.attempts)
            breach(`${runId}/${step.id} gave up after ${tried} of ${step.retry.attempts} tries`);
        }
      }
    },
    /** Whether every run that is known has ended. */
    quiet: () => tables.runs.size === 0 && [...acknowledged].every((runId) => finals.has(runId)),
    /** What is left to be checked when everything has ended, or should have. */
    close(): void {
      for (const runId of acknowledged) {
        if (!tables.runs.has(runId) && !tables.history.has(runId))
          breach(`run ${runId} was acknowledged and is lost`);
      }
      for (const runId of canceled) {
        const status = tables.history.get(runId)?.status;
        if (status !== undefined && status !== "canceled")
          breach(`the cancel of ${runId} was acknowledged and it ended as ${status}`);
      }
      for (const [runId, status] of finals) {
        if (tables.history.get(runId)?.status !== status)
          breach(`run ${runId} had ended as ${status}, the store says otherwise`);
      }
      const { dispatch, leases, timers } = tables;
      for (const row of [...dispatch.values(), ...leases.values(), ...timers.values()])
        if (!tables.runs.has(row.runId)) breach(`${name(row)} is left of an ended run`);
      for (const { childId, parentId } of tables.children.values())
        if (!tables.runs.has(parentId)) breach(`the call of ${childId} is left of an ended run`);
      for (const line of tables.queueKeys)
        if (!tables.runs.has(line.runId)) breach(`ended run ${line.runId} stands in a line`);
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;

function isAbandoning({ events }: RunOp): boolean {
  return events.includes('"type":"abandoned"');
}

function name({ runId, slot, number }: { runId: string; slot: string; number: number }): string {
  return `attempt ${rowKey(runId, slot, number)}`;
}

/** Whether no other step can have stopped the run from starting more. */
function isOnlyFailure(id: string, workflow: WorkflowDefinition, state: RunState): boolean {
  if (state.status !== "failed" && state.status !== "timed_out") return false;
  // A workflow is timed out by its own time, which stops whatever is open.
  if (state.status === "timed_out" && workflow.kind === "workflow") return false;
  const bad = workflow.steps.filter((step) => {
    const { phase, slots = [] } = state.steps[step.id] ?? {};
    // A child that was canceled by itself fails its parent; a step that was never begun is canceled by the failure.
    const wasCanceled = phase === "canceled" && slots.some(({ attempts }) => attempts.length > 0);
    return step.onError === "fail" && (phase === "failed" || phase === "timed_out" || wasCanceled);
  });
  return bad.length === 1 && bad[0]?.id === id && state.steps[id]?.slots.length === 1;
}
