import type { WorkflowDefinition } from "@yardmaster/kernel";
import type { Sent, UnitOutcome } from "../src/engine/commit/flush.ts";
import type { RunOp } from "../src/engine/commit/run-op.types.ts";
import { createLaneTimer } from "../src/engine/lanes/lane-timer.ts";
import { createParts, type Parts } from "../src/engine/parts.ts";
import type { Timers } from "../src/engine/scheduler/timers.ts";
import type { ClaimedRow, Claimer } from "../src/engine/worker/claim.store.ts";
import { createClaims } from "../src/engine/worker/claims.ts";
import type { Hint } from "../src/engine/worker/wakeups.ts";
import { createCarrier } from "./carrier.ts";
import { definitionsAt } from "./definitions.ts";
import type { Ledger } from "./ledger/ledger.ts";
import * as model from "./model/index.ts";
import { ConnectionLost, type Life, type Network } from "./network.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";
import { createWriter } from "./writer.ts";

/** As `retryOnConnectionLoss` does, about. */
const RETRY_MS = 100;

/** What all simulated processes share. */
export interface Shared {
  readonly world: World;
  readonly network: Network;
  readonly tables: model.Tables;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>;
  readonly broken: model.Breakage;
  readonly longWork: number;
  newId(): string;
  /** Whether the process at a place has no definition of it now. */
  isAbsent(ref: string, place: string): boolean;
  readonly mayAsk: boolean;
  /** Whether the machine of a place can begin no process now. */
  cannotBegin(place: string): boolean;
  /** Whether a process of the machine lives. */
  isAlive(host: string, pid: number): boolean;
  hint(from: Life, hint: Hint): void;
  /** A process came to a named point; it may die right there. */
  onPoint(life: Life, point: string): void;
  onStartFailed(life: Life): void;
}

export interface Place {
  readonly name: string;
  readonly host: string;
  readonly roles: readonly ("api" | "worker" | "scheduler")[];
  readonly skewMs: number;
  readonly contested: boolean;
  readonly capacity: { readonly core: number; readonly process: number };
}

export interface SimProcess {
  readonly life: Life;
  readonly pid: number;
  readonly parts: Parts;
  /** Notes the cancel of a run whose definition it does not have. */
  askCancel(runId: string, by: string): Promise<void>;
  /** Pauses a lane, or lets it go on. */
  turnLane(lane: string, isPaused: boolean): Promise<void>;
  /** Whether it takes requests: from the end of its start to the beginning of its stop. */
  isOpen(): boolean;
  /** Stops in order: what runs may end for `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a process of the engine's real parts, whose only way to the world is the network. */
export function startProcess(shared: Shared, place: Place, pid: number): SimProcess {
  const { world, network, tables, random } = shared;
  const life: Life = {
    name: `${place.name}.${pid}`,
    host: place.host,
    alive: true,
    frozen: false,
    cutUntil: 0,
    backSince: Number.NEGATIVE_INFINITY,
    missed: [],
  };
  let open = false;
  /** It may be told to stop while it starts. */
  let isStopping = false;
  const timers: Timers = { after: (ms, run) => world.after(ms, () => network.enter(life, run)) };
  const session = (): string => parts.session.id();
  const writer = createWriter((batch) => flush(batch), timers.after);
  const carrier = createCarrier(shared, life, session, place.capacity.process);
  const now = (): number => Math.round(world.now() + place.skewMs);
  const monotonicMs = (): number => world.now() + 1_000_000;
  const ask = <T>(what: string, apply: () => T): Promise<T> =>
    network.call(life, `${life.name} ${what}`, { begin: () => undefined, apply });

  const onError = (error: unknown, what: string): void =>
    world.trace(() => `${life.name}: ${what} (${String(error)})`);

  const definitions = definitionsAt(place.name, shared.workflows, shared.isAbsent);
  const laneTimer = createLaneTimer({ timers, monotonicMs }, () => parts.lanesFreed());
  const parts: Parts = createParts(
    {
      sessions: {
        insert: (row) =>
          ask("opens a session", () => model.insertSession(tables, row, world.now())),
        renew: (id) => ask("renews", () => model.renew(tables, id, world.now())),
        end: async (id) => {
          await ask("ends its session", () =>
            model.endSessions(tables, world.now(), (s) => s.id === id),
          );
        },
        drop: () => {},
        close: async () => {},
      },
      schedule: {
        readOutlook: (own, host) =>
          ask("looks", () => model.outlook(tables, own, host, world.now())),
        dueTimers: () => ask("reads timers", () => model.dueTimers(tables, world.now())),
        putOffTimers: (rows, delayMs) =>
          ask("puts off timers", () => model.putOffTimers(tables, rows, delayMs, world.now())),
        // Without what others left behind: every pause is to be turned by the advance that ends it.
        readyResumed: async () => 0,
        readyDelayed: () => ask("readies", () => model.readyDelayed(tables, world.now())),
        endExpired: (own) =>
          ask("ends expired", () => {
            const at = world.now();
            return model.endSessions(tables, at, (s) => s.id !== own && s.expiresAt < at);
          }),
        endGone: async (ids) => {
          await ask("ends gone", () =>
            model.endSessions(tables, world.now(), (s) => ids.includes(s.id)),
          );
        },
        lostLeases: (_, without) => ask("reads lost", () => model.lost(tables, without)),
        dropLost: (rows) => ask("drops lost", () => model.dropLost(tables, rows)),
        lostInstants: (_, without) =>
          ask("reads lost instants", () =>
            model.lostInstants(tables).filter(({ runId }) => !without.includes(runId)),
          ),
        clearInstants: (lost) => ask("clears instants", () => model.clearInstants(tables, lost)),
        stoppedAttempts: (_, without) =>
          ask("reads stopped", () =>
            model.stopped(tables).filter(({ runId }) => !without.includes(runId)),
          ),
        sweepSessions: () => ask("sweeps", () => model.sweep(tables, world.now())),
      },
      load: (runId) =>
        untilAnswered(() => ask("loads", () => model.loadStored(tables, runId, { ended: false }))),
      readyInstants: (after, skip, limit) =>
        ask("reads instants", () => model.readyInstants(tables, after, skip, limit)),
      stoppedUnleased: (runId) => ask("reads unleased", () => model.stopped(tables, runId)),
      children: {
        childrenAtRest: (_, without) =>
          ask("reads children", () =>
            model
              .childrenAtRest(tables, world.now())
              .filter(({ childId }) => !without.includes(childId)),
          ),
        childrenToFollow: (parentId) =>
          ask("reads who follows", () => model.childrenToFollow(tables, parentId, world.now())),
        withdrawChild: (id) =>
          ask("withdraws a child", () => model.withdrawChild(tables, id, world.now())),
        findChild: (...place) => ask("finds a child", () => model.findChild(tables, ...place)),
        readChildEnd: (id) => ask("reads an end", () => model.childEnd(tables, id)),
      },
      asked: {
        askCancel: (runId, by) => noteCancel(runId, by),
        // Where no definition is ever missing this is not even read: so a seed is the same history without it.
        askedCancels: async () =>
          shared.mayAsk
            ? await ask("reads asked cancels", () =>
                model.askedCancels(tables, world.now(), shared.broken),
              )
            : [],
        forgetCancel: (runId) => ask("forgets a cancel", () => model.forgetCancel(tables, runId)),
        withdrawUnborn: (runId) =>
          ask("withdraws the unborn", () => model.withdrawUnborn(tables, runId, world.now())),
        dropLeases: (runId) => ask("drops leases", () => model.dropLeases(tables, runId)),
        openRows: (runId) =>
          ask("reads what is open", () => model.openRows(tables, runId, shared.broken)),
      },
      stopsForSession: (id) => ask("reads stops", () => model.stopsOf(tables, id, world.now())),
      submit: writer.submit,
      claims: createClaims({
        store: {
          claimReady: async (by, runner, limit) => (await claim(by, "", runner, limit)).rows,
          leasedByClaims: (id, claimIds) =>
            ask("recalls", () => model.leasedByClaims(tables, id, claimIds)),
          stillLeased: (id, rows) =>
            ask("looks at leases", () => model.stillLeased(tables, id, rows)),
          putBack: (id, rows) =>
            ask("puts back", () => model.putBack(tables, id, rows, shared.broken)),
          waitingLanes: () => ask("reads lanes", () => model.waitingLanes(tables, world.now())),
          admit,
        },
        definitions,
        sessionId: session,
        onHeld: laneTimer.heldFor,
        onPutBack: () => parts.readyAll(),
        onError,
        newId: shared.newId,
        now,
        monotonicMs,
      }),
      carryOut: carrier.carryOut,
      definitions,
      isAlive: (other) => shared.isAlive(place.host, other),
      killOrphans: carrier.killOrphans,
      timers,
      now,
      monotonicMs,
      random: random.next,
      newId: shared.newId,
    },
    {
      onHint: (hint) => shared.hint(life, hint),
      onNodesReady: () => {},
      onStop: () => {},
      onEnd: () => {},
      onSessionEnded: (id) =>
        world.trace(() => `${life.name} hears that its session ${id} is over`),
      onRecovered: (count, id) =>
        world.trace(() => `${life.name} recovered ${count} attempts of session ${id}`),
      onError,
      onPoint: (point) => shared.onPoint(life, point),
    },
    {
      identity: {
        host: place.host,
        pid,
        processStart: String(pid),
        roles: place.roles,
        owner: false,
      },
      contested: place.contested,
      capacity: place.capacity,
      maxInputBytes: 1024 * 1024,
    },
  );

  async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await new Promise<void>((resolve) => timers.after(RETRY_MS, resolve));
      }
    }
  }

  function flush(batch: readonly Sent[]) {
    const id = session();
    const apply = (snapshot: number): UnitOutcome[] => {
      const ops = batch.flatMap(({ unit }) => unit.ops);
      if (new Set(ops.map((op) => op.runId)).size < ops.length)
        shared.ledger.breach(`${life.name} advances a run twice in one flush`);
      const lines = (op: RunOp): number => tables.journal.get(op.runId)?.length ?? 0;
      const lengths = ops.map(lines);
      const wasLive = model.isLive(tables, id, snapshot);
      const outcomes = model.writeBatch(tables, id, batch, world.now(), snapshot, shared.broken);
      const written = new Set(
        ops.filter((op, i) => lines(op) > (lengths[i] ?? 0)).map((op) => op.runId),
      );
      world.trace(() => `${life.name} flushed ${ops.map((op) => told(op, written)).join(", ")}`);
      shared.ledger.committed(ops, written, life.host);
      if (written.size > 0 && !wasLive)
        shared.ledger.breach(`${life.name} wrote for its session ${id}, which had ended before`);
      return outcomes;
    };
    // What is written between its begin and its end it does not see.
    const begin = (): number => model.snapshotOf(tables);
    return network.call(life, `${life.name} flushes`, { begin, apply });
  }

  function claim(by: Claimer, queue: string, runner: string, limit: number) {
    return network.call(life, `${life.name} claims ${queue}`, {
      begin: () => ({
        held: model.beginClaim(tables, by, queue, runner, limit, world.now(), shared.broken),
        begunAt: world.now(),
      }),
      apply: ({ held, begunAt }) => {
        const admission = model.commitClaim(tables, held, world.now());
        claimed(admission.rows, begunAt);
        return admission;
      },
      undo: ({ held }) => model.rollBackClaim(tables, held),
    });
  }

  function claimed(rows: ClaimedRow[], begunAt: number): ClaimedRow[] {
    const keys = rows.map((row) => model.rowKey(row.runId, row.slot, row.number));
    if (rows.length > 0) world.trace(() => `${life.name} leased ${keys.join(", ")}`);
    shared.ledger.claimed(rows, begunAt);
    return rows;
  }

  async function admit(by: Claimer, queue: string, runner: string, limit: number) {
    if (shared.broken.laneLock !== true) return await claim(by, queue, runner, limit);
    // Counted in one statement, leased in the next: what the lane's lock is there against.
    const picked = await ask("counts", () =>
      model.pick(tables, queue, runner, limit, {}, by.without),
    );
    const rows = await ask("leases", () =>
      claimed(model.lease(tables, by, picked, world.now()), world.now()),
    );
    return { rows, inMs: null, isShut: false };
  }

  void parts.session
    .start()
    .then(() => parts.start())
    .then(() => {
      open = !isStopping;
    })
    .catch(() => shared.onStartFailed(life));
  async function stop(graceMs: number): Promise<void> {
    isStopping = true;
    open = false;
    await parts.drain(graceMs);
    await writer.close();
    await parts.session.close();
  }

  function noteCancel(runId: string, by: string): Promise<void> {
    return ask(`asks for the cancel of ${runId}`, () =>
      shared.ledger.asked(model.askCancel(tables, runId, by, world.now())),
    );
  }

  async function askCancel(runId: string, by: string): Promise<void> {
    await noteCancel(runId, by);
    await parts.askedCancels.runOnce();
  }

  async function turnLane(lane: string, isPaused: boolean): Promise<void> {
    await ask(`${isPaused ? "pauses" : "resumes"} ${lane}`, () => {
      model.pauseLane(tables, lane, isPaused);
      if (isPaused) shared.ledger.lanePaused(lane);
      else shared.ledger.laneResumed(lane);
    });
    if (!isPaused) parts.readyAll();
  }

  return { life, pid, parts, stop, askCancel, turnLane, isOpen: () => open };
}

function told(op: RunOp, written: ReadonlySet<string>): string {
  const mark = written.has(op.runId) ? "" : " (not written)";
  return `${op.runId}@${op.expected + 1}${mark} ${op.decisions}`;
}
