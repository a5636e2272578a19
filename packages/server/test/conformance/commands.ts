import { type ChildLine, rowKey, type Tables } from "../../sim/model/index.ts";
import { createRandom, type Random } from "../../sim/random.ts";
import type { Sent } from "../../src/engine/commit/flush.ts";
import type {
  DispatchRow,
  EndedAttempt,
  ParentStep,
  RunOp,
} from "../../src/engine/commit/run-op.types.ts";
import { INSTANT } from "../../src/engine/worker/runner-kind.ts";
import type { ConformingStore, Lane, WaitedRow } from "./stores.ts";

export const SESSIONS = [id(0xa1), id(0xa2), id(0xa3)];
const HOSTS = ["one", "two"];
const RUNS = Array.from({ length: 8 }, (_, i) => id(i + 1));
const LANES = ["", "", "lane-a", "lane-b", "lane-undefined"];
const KINDS = ["core", "process", INSTANT] as const;

/** One thing asked of a store: the same words to both, so the same answer. */
export interface Command {
  readonly name: string;
  run(store: ConformingStore): Promise<unknown>;
}

export function randomLanes(random: Random): Lane[] {
  return ["lane-a", "lane-b"].map((name) => ({
    name,
    concurrency: random.chance(0.5) ? null : random.int(1, 4),
    keyConcurrency: random.chance(0.5) ? null : random.int(1, 2),
    fifo: random.chance(0.5),
    // So long that nothing is forgotten while the stores are compared.
    rate: random.chance(0.5) ? null : { starts: random.int(1, 8), perMs: 3_600_000 },
  }));
}

export function openSessions(): Command[] {
  return SESSIONS.map((sessionId, i) => ({
    name: `insert ${sessionId}`,
    run: (store) =>
      store.insertSession({
        ...{ id: sessionId, host: HOSTS[i % 2] as string, pid: i, processStart: `${i}` },
        ...{ roles: ["worker"], owner: false },
      }),
  }));
}

/**
 * Makes commands that fit what the model holds, now and then ones that come too late, doubled or again.
 * `crowded`: only writes and claims, with everything in lanes.
 */
export function createCommands(seed: number, tables: () => Tables, { crowded = false } = {}) {
  const random = createRandom(seed);
  const sent: Sent[][] = [];
  const claimIds: string[] = [];
  let ids = 0x1000;

  const claimer = () => {
    const claimId = id(++ids);
    claimIds.push(claimId);
    const without = crowded || random.chance(0.8) ? [] : ["w"];
    return { sessionId: random.pick(SESSIONS), claimId, without };
  };

  /** Leases of a session, as whoever claimed them has them; some of another claim, or of another session. */
  function held(sessionId: string): WaitedRow[] {
    const waited = { runner: random.pick(KINDS), ref: "core.echo", priority: 5 };
    return [...tables().leases.values()].flatMap(({ session, claimId, runId, slot, number }) => {
      const isOwn = session === sessionId || random.chance(0.1);
      if (!isOwn || claimId === null || random.chance(0.5)) return [];
      const by = random.chance(0.9) ? claimId : random.pick(claimIds);
      const row = { runId, slot, number, ref: "w", input: null, packDigest: null };
      return [{ ...row, traceparent: null, claimId: by, waited }];
    });
  }

  function dispatchRow(runId: string, slot: string, isPaused: boolean): DispatchRow {
    const { dispatch, leases } = tables();
    const numbers = [...dispatch.values(), ...leases.values(), ...ended(runId)].filter(
      (row) => row.runId === runId && row.slot === slot,
    );
    const queue = random.pick(crowded ? LANES.slice(2) : LANES);
    const state = random.chance(0.2)
      ? "delayed"
      : queue === "" && random.chance(0.3)
        ? random.pick(["leased", "instant"] as const)
        : isPaused
          ? "paused"
          : "ready";
    return {
      slot,
      number: 1 + Math.max(0, ...numbers.map((row) => row.number)),
      ...{ state, runner: random.pick(KINDS), ref: "core.echo", input: "{}", queue },
      key: queue === "" || random.chance(0.3) ? null : random.pick(["red", "green"]),
      priority: random.chance(0.8) ? 5 : 1,
      delayMs: random.chance(0.5) ? 0 : 3_600_000,
    };
  }

  function placeOfEnd(runId: string, slot: string, number: number): EndedAttempt["place"] {
    const isInstant = tables().dispatch.get(rowKey(runId, slot, number))?.runner === INSTANT;
    return isInstant ? "dispatch" : random.chance(0.1) ? "instant" : "leases";
  }

  function ended(runId: string) {
    return [...tables().attempts]
      .map((key) => key.split("/"))
      .filter(([run]) => run === runId)
      .map(([run = "", slot = "", number]) => ({ runId: run, slot, number: Number(number) }));
  }

  function op(runId: string): RunOp {
    const run = tables().runs.get(runId);
    const call = tables().children.get(runId);
    const parent = run?.birth.parent ?? placeOf(call);
    const calls = [...tables().children.values()].filter((row) => row.parentId === runId);
    const known = run !== undefined || tables().history.has(runId);
    const leased = [...tables().leases.values()].filter((row) => row.runId === runId);
    const waiting = [...tables().dispatch.values()].filter((row) => row.runId === runId);
    const open = [
      ...leased.map((row) => ({ ...slotOf(row), status: random.pick(["success", "canceled"]) })),
      // Only a canceled attempt may end without having had a worker, or an instant one, which never has.
      ...waiting.map((row) => ({
        ...slotOf(row),
        status: row.runner === INSTANT ? "success" : "canceled",
      })),
    ];
    const timers = [...tables().timers.values()].filter((row) => row.runId === runId);
    const finishes = random.chance(known ? 0.15 : 0.05);
    const ending = finishes ? open : open.filter(() => random.chance(0.3));
    const share = crowded ? 0.7 : 0.4;
    // A slot has one open attempt: between two of them neither store promises an order.
    const isOpen = (slot: string): boolean =>
      open.some((row) => row.slot === slot && !ending.includes(row));
    const slots = finishes
      ? []
      : ["a", "b", "c#0", "c#10"].filter((slot) => random.chance(share) && !isOpen(slot));
    const at = new Date(1_700_000_000_000);
    const asking = [...tables().inquiries.values()].filter(
      (row) => row.runId === runId && (row.status === "open" || random.chance(0.1)),
    );
    const asked =
      finishes || random.chance(0.7)
        ? []
        : [
            {
              ...{ slot: "q", number: ++ids, id: id(ids), question: '{"prompt":"?"}', askedAt: at },
              assignedTo: random.pick([null, '["ann","bob"]']),
              timeoutMs: random.pick([null, 5_000]),
            },
          ];
    const pausedBy = run === undefined || random.chance(0.9) ? null : "test";
    return {
      ...{ opId: id(++ids), runId, sessionId: "", keyed: true, isChild: parent !== null },
      instant: random.pick([true, false, null]),
      pausedBy,
      turnsPause: run !== undefined && run.pausedBy !== pausedBy,
      canceling: run !== undefined && (run.canceling || random.chance(0.1)),
      expected: known ? (run?.version ?? 1) - (random.chance(0.1) ? 1 : 0) : 0,
      ...(known
        ? {}
        : {
            create: {
              ...{ ref: "w", packDigest: null, input: "{}", createdAt: at, createdBy: "test" },
              ...{ eventId: null, rule: null, retryOf: null, traceparent: null, parent },
            },
          }),
      events: JSON.stringify([{ n: ids }]),
      decisions: JSON.stringify([`d${ids}`]),
      changes: '{"type":"test"}',
      ...(finishes
        ? { finish: { status: "success", output: "1", outputs: null, error: null } }
        : {}),
      at,
      ended: ending.map(({ slot, number, status }) => ({
        ...{ slot, number, status, place: placeOfEnd(runId, slot, number) },
        worker: random.pick(SESSIONS),
      })),
      firedTimers: (finishes ? timers : timers.filter(() => random.chance(0.5))).map(slotOf),
      dispatch: slots.map((slot) => dispatchRow(runId, slot, pausedBy !== null)),
      timers:
        finishes || random.chance(0.7)
          ? []
          : [{ slot: "t", number: ++ids, delayMs: random.chance(0.5) ? 0 : 3_600_000 }],
      children:
        finishes || random.chance(0.8)
          ? []
          : [{ childId: id(++ids), slot: "w", number: ids, ref: "w", input: "{}" }],
      endedChildren: calls.filter((row) => row.state === "ended" && random.chance(0.5)).map(slotOf),
      inquiries: asked,
      settledInquiries: (finishes ? asking : asking.filter(() => random.chance(0.4))).map((row) => {
        const status = random.pick(["answered", "timed_out", "canceled"] as const);
        const isAnswered = status === "answered";
        return {
          ...{ ...slotOf(row), id: row.id, status, endedAt: at },
          answer: isAnswered ? '{"ok":true}' : null,
          answeredBy: isAnswered ? "token:ann" : null,
        };
      }),
      stops: finishes ? [] : timers.filter(() => random.chance(0.15)).map(slotOf),
    };
  }

  function write(): Command {
    const runs = [...RUNS, ...tables().children.keys()].filter(() => random.chance(0.25));
    const again = sent.length > 0 && random.chance(0.2);
    const batch: Sent[] = again
      ? random.pick(sent).map(({ unit }) => ({ unit, again: true }))
      : runs.map((runId) => ({ unit: { ops: [op(runId)] }, again: false }));
    if (!again) sent.push(batch);
    const sessionId = random.pick(SESSIONS);
    return { name: again ? "write again" : "write", run: (store) => store.write(sessionId, batch) };
  }

  return function next(): Command {
    const runner = random.pick(KINDS);
    const limit = random.int(1, 5);
    const own = random.pick(SESSIONS);
    const runId = random.pick(RUNS);
    const queue = random.pick(["lane-a", "lane-b", "lane-undefined"]);
    const claims = claimer();
    const skip = random.int(0, 1);
    const withEnded = random.chance(0.5);
    const child = random.pick([RUNS[0] as string, ...tables().children.keys()]);
    const makers: readonly [number, () => Command][] = [
      [8, write],
      [3, () => ({ name: "claim", run: (store) => store.claimReady(claims, runner, limit) })],
      [5, () => ({ name: "admit", run: (store) => store.admit(claims, queue, runner, limit) })],
      [1, () => ({ name: "recall", run: (store) => store.leasedByClaims(own, claimIds) })],
      [
        2,
        () => {
          const place = { priority: random.pick([1, 5]), runId, slot: "a" };
          const after = random.chance(0.5) ? place : undefined;
          return {
            name: "ready instants",
            run: (store) => store.readyInstants(after, skip, limit),
          };
        },
      ],
      [1, () => ({ name: "lanes", run: (store) => store.waitingLanes() })],
      [1, () => ({ name: "renew", run: (store) => store.renew(own) })],
      [0.5, () => ({ name: "expire", run: (store) => store.expire(own) })],
      [0.5, () => ({ name: "endExpired", run: (store) => store.endExpired(own) })],
      [0.2, () => ({ name: "endGone", run: (store) => store.endGone([own]) })],
      [2, () => ({ name: "outlook", run: (store) => store.outlook(own, "one") })],
      [1, () => ({ name: "dueTimers", run: (store) => store.dueTimers() })],
      [1, () => ({ name: "readyDelayed", run: (store) => store.readyDelayed() })],
      [1, () => ({ name: "lost", run: (store) => store.lost() })],
      [1, () => ({ name: "lostInstants", run: (store) => store.lostInstants() })],
      [
        1,
        () => ({ name: "clear", run: (store) => store.clearInstants({ runId, sessionId: own }) }),
      ],
      [1, () => ({ name: "stopped", run: (store) => store.stopped() })],
      [1, () => ({ name: "unleased", run: (store) => store.stoppedUnleased(runId) })],
      [1, () => ({ name: "withdraw", run: (store) => store.withdrawChild(child) })],
      [1, () => ({ name: "follow", run: (store) => store.childrenToFollow(runId) })],
      [1, () => ({ name: "stops", run: (store) => store.stopsForSession(own) })],
      [1, () => ({ name: "ask", run: (store) => store.askCancel(runId, "ann") })],
      [1, () => ({ name: "asked", run: (store) => store.askedCancels() })],
      [0.5, () => ({ name: "forget", run: (store) => store.forgetCancel(runId) })],
      [0.5, () => ({ name: "withdraw unborn", run: (store) => store.withdrawUnborn(runId) })],
      [1, () => ({ name: "open rows", run: (store) => store.openRows(runId) })],
      [0.5, () => ({ name: "drop leases", run: (store) => store.dropLeases(runId) })],
      [
        1,
        () => {
          const rows = held(own);
          return { name: "put back", run: (store) => store.putBack(own, rows) };
        },
      ],
      [
        0.5,
        () => {
          const rows = held(own);
          return { name: "still leased", run: (store) => store.stillLeased(own, rows) };
        },
      ],
      [1, () => ({ name: "load", run: (store) => store.load(runId, withEnded) })],
    ];
    const wanted = crowded ? makers.slice(0, 3) : makers;
    let left = random.next() * wanted.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of wanted) {
      left -= weight;
      if (left < 0) return make();
    }
    return write();
  };
}

function placeOf(call: ChildLine | undefined): ParentStep | null {
  return call === undefined ? null : { runId: call.parentId, ...slotOf(call) };
}

function slotOf({ slot, number }: { slot: string; number: number }) {
  return { slot, number };
}

function id(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}
