import type { WorkflowDefinition } from "@yardmaster/kernel";
import { createLaneTimer } from "../src/engine/lanes/lane-timer.ts";
import { createParts, type Parts } from "../src/engine/parts.ts";
import type { Timers } from "../src/engine/scheduler/timers.ts";
import { createClaims } from "../src/engine/worker/claims.ts";
import type { Hint } from "../src/engine/worker/wakeups.ts";
import { createCarrier } from "./carrier.ts";
import { claimPort } from "./claim-port.ts";
import { definitionsAt } from "./definitions.ts";
import { flush } from "./flush.ts";
import type { Ledger } from "./ledger/ledger.ts";
import * as model from "./model/index.ts";
import { ConnectionLost, type Life, type Network } from "./network.ts";
import { askedPort, childrenPort, schedulePort, sessionsPort } from "./ports.ts";
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
  /** Of an attempt that fails: how long the limit of a provider lasts that it has come to, if it has. */
  limitMs(): number | undefined;
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
  const writer = createWriter((batch) => flush(shared, life, session(), batch), timers.after);
  const carrier = createCarrier(shared, life, session, place.capacity.process);
  const now = (): number => Math.round(world.now() + place.skewMs);
  const monotonicMs = (): number => world.now() + 1_000_000;
  const ask = <T>(what: string, apply: () => T): Promise<T> =>
    network.call(life, `${life.name} ${what}`, { begin: () => undefined, apply });
  const ports = { ask, tables, now: world.now, broken: shared.broken };

  const onError = (error: unknown, what: string): void =>
    world.trace(() => `${life.name}: ${what} (${String(error)})`);

  const definitions = definitionsAt(place.name, shared.workflows, shared.isAbsent);
  const laneTimer = createLaneTimer({ timers, monotonicMs }, () => parts.readyWork.lanesFreed());
  const parts: Parts = createParts(
    {
      sessions: sessionsPort(ports),
      schedule: schedulePort(ports),
      load: (runId) =>
        untilAnswered(() => ask("loads", () => model.loadStored(tables, runId, { ended: false }))),
      readyInstants: (after, skip, limit) =>
        ask("reads instants", () => model.readyInstants(tables, after, skip, limit)),
      stoppedUnleased: (runId) => ask("reads unleased", () => model.stopped(tables, runId)),
      children: childrenPort(ports),
      asked: askedPort(ports, shared.mayAsk, noteCancel),
      stopsForSession: (id) => ask("reads stops", () => model.stopsOf(tables, id, world.now())),
      submit: writer.submit,
      claims: createClaims({
        store: claimPort({ ...shared, ...ports }, life),
        definitions,
        sessionId: session,
        onHeld: laneTimer.heldFor,
        onPutBack: () => parts.readyWork.all(),
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
    if (!isPaused) parts.readyWork.all();
  }

  void parts.session
    .start()
    .then(() => parts.start())
    .then(() => {
      open = !isStopping;
    })
    .catch(() => shared.onStartFailed(life));

  return { life, pid, parts, stop, askCancel, turnLane, isOpen: () => open };
}
