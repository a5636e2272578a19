import * as model from "../../sim/model/index.ts";
import {
  asSet,
  byChild,
  type ConformingStore,
  toldOfAdmission,
  toldOfAsked,
  toldOfOpen,
  toldOfStretch,
  withoutTime,
  withSets,
} from "./stores.ts";

/** The simulator's store behind the same face. Its tables are handed out, to make ops that fit. */
export function createModelStore(): ConformingStore & { tables(): model.Tables } {
  let tables = model.emptyTables();
  const now = (): number => Date.now();
  return {
    tables: () => tables,
    async reset(lanes) {
      tables = model.emptyTables();
      for (const { name, ...limits } of lanes) tables.queues.set(name, limits);
    },
    async write(sessionId, batch) {
      try {
        return model.writeBatch(tables, sessionId, batch, now(), model.snapshotOf(tables));
      } catch (error) {
        if (!(error instanceof model.DuplicateRow)) throw error;
        return "refused";
      }
    },
    claimReady: async (claimer, runner, limit) =>
      asSet(model.claim(tables, claimer, "", runner, limit, now()).rows),
    readyInstants: async (after, skip, limit) =>
      toldOfStretch(model.readyInstants(tables, after, skip, limit)),
    waitingLanes: async () => asSet(model.waitingLanes(tables, now()).map(withoutTime)),
    admit: async (claimer, queue, runner, limit) =>
      toldOfAdmission(model.claim(tables, claimer, queue, runner, limit, now())),
    leasedByClaims: async (id, claimIds) => asSet(model.leasedByClaims(tables, id, claimIds)),
    insertSession: async (row) => model.insertSession(tables, row, now()),
    renew: async (id) => model.renew(tables, id, now()),
    async expire(id) {
      const session = tables.sessions.get(id);
      if (session !== undefined) session.expiresAt = now() - 1_000;
    },
    endExpired: async (own) => {
      const at = now();
      const isOver = (session: model.SessionLine): boolean =>
        session.id !== own && session.expiresAt < at;
      return asSet(model.endSessions(tables, at, isOver).map(({ id }) => id));
    },
    async endGone(ids) {
      model.endSessions(tables, now(), ({ id }) => ids.includes(id));
    },
    async outlook(own, host) {
      const { dueInMs, neighbours, children: _, ...rest } = model.outlook(tables, own, host, now());
      const due = dueInMs === null ? null : dueInMs <= 0;
      return { ...rest, neighbours: asSet(neighbours), due };
    },
    dueTimers: async () => asSet(model.dueTimers(tables, now())),
    readyDelayed: async () => model.readyDelayed(tables, now()),
    lost: async () =>
      asSet(model.lost(tables).map(({ runId, slot, number }) => ({ runId, slot, number }))),
    lostInstants: async () => asSet(model.lostInstants(tables)),
    clearInstants: async (lost) => model.clearInstants(tables, lost),
    childrenToFollow: async (parentId) => byChild(model.childrenToFollow(tables, parentId, now())),
    withdrawChild: async (id) => model.withdrawChild(tables, id, now()),
    stopped: async () => asSet(model.stopped(tables)),
    stoppedUnleased: async (runId) =>
      asSet(model.stopped(tables, runId).map(({ slot, number }) => ({ slot, number }))),
    stopsForSession: async (id) => asSet(model.stopsOf(tables, id, now())),
    askCancel: async (runId, by) => void model.askCancel(tables, runId, by, now()),
    askedCancels: async () => toldOfAsked(model.askedCancels(tables, now())),
    forgetCancel: async (runId) => model.forgetCancel(tables, runId),
    withdrawUnborn: async (runId) => model.withdrawUnborn(tables, runId, now()),
    openRows: async (runId) => toldOfOpen(model.openRows(tables, runId)),
    dropLeases: async (runId) => model.dropLeases(tables, runId),
    stillLeased: async (id, rows) => asSet(model.stillLeased(tables, id, rows)),
    putBack: async (id, rows) => asSet(model.putBack(tables, id, rows)),
    load: async (runId, ended) => withSets(model.loadStored(tables, runId, { ended })),
    dump: async () => dump(tables),
  };
}

function dump(tables: model.Tables): unknown {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const place = (key: string): { run_id: string; slot: string; number: number } => {
    const [run_id = "", slot = "", number] = key.split("/");
    return { run_id, slot, number: Number(number) };
  };
  const json = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  return {
    sessions: sorted(tables.sessions).map(([id, { endedAt }]) => ({ id, ended: endedAt !== null })),
    runs: sorted(tables.runs).map(([id, { version, canceling, instantBy, pausedBy, asked }]) => ({
      ...{ id, version, canceling, paused_by: pausedBy, asked_by: asked?.by ?? null },
      instant_by: instantBy,
    })),
    history: sorted(tables.history).map(([id, { version, status, output, error }]) => ({
      ...{ id, version, status },
      output: json(output),
      error: json(error),
    })),
    journal: sorted(tables.journal).flatMap(([run_id, lines]) =>
      lines.map(({ version, opId, events, decisions }) => ({
        ...{ run_id, version, op_id: opId },
        events: json(events),
        decisions: json(decisions),
      })),
    ),
    dispatch: sorted(tables.dispatch).map(([key, row]) => ({
      ...place(key),
      ...{ state: row.state, runner: row.runner, queue: row.queue, key: row.key },
      due: row.dueAt !== null,
    })),
    leases: sorted(tables.leases).map(([key, row]) => ({
      ...place(key),
      ...{ queue: row.queue, key: row.key, session_id: row.session, claim_id: row.claimId },
    })),
    children: sorted(tables.children).map(([child_id, row]) => ({
      ...{
        child_id,
        parent_id: row.parentId,
        slot: row.slot,
        number: row.number,
        state: row.state,
      },
    })),
    timers: sorted(tables.timers).map(([key]) => place(key)),
    inquiries: sorted(tables.inquiries).map(([key, row]) => ({
      ...place(key),
      ...{ id: row.id, status: row.status, question: json(row.question) },
      ...{ assigned_to: json(row.assignedTo), timed: row.isTimed },
      ...{ answer: json(row.answer), answered_by: row.answeredBy },
    })),
    lines: tables.queueKeys.map(({ queue, key, runId }) => ({ queue, key, run_id: runId })),
    starts: sorted(tables.starts).flatMap(([queue, rows]) =>
      rows.map(({ starts }) => ({ queue, starts })),
    ),
    held: sorted(tables.nextStartAt).map(([name]) => ({ name })),
  };
}
