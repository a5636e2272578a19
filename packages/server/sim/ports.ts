import type { PartsPorts } from "../src/engine/parts.ts";
import * as model from "./model/index.ts";

/** Asks the store, over the network of a process; `what` is for the trace. */
export type Ask = <T>(what: string, apply: () => T) => Promise<T>;

export interface PortDeps {
  readonly ask: Ask;
  readonly tables: model.Tables;
  /** Of the store's clock. */
  readonly now: () => number;
  readonly broken: model.Breakage;
}

export function sessionsPort({ ask, tables, now }: PortDeps): PartsPorts["sessions"] {
  return {
    insert: (row) => ask("opens a session", () => model.insertSession(tables, row, now())),
    renew: (id) => ask("renews", () => model.renew(tables, id, now())),
    end: async (id) => {
      await ask("ends its session", () => model.endSessions(tables, now(), (s) => s.id === id));
    },
    drop: () => {},
    close: async () => {},
  };
}

export function schedulePort({ ask, tables, now }: PortDeps): PartsPorts["schedule"] {
  return {
    readOutlook: (own, host) => ask("looks", () => model.outlook(tables, own, host, now())),
    dueTimers: () => ask("reads timers", () => model.dueTimers(tables, now())),
    putOffTimers: (rows, delayMs) =>
      ask("puts off timers", () => model.putOffTimers(tables, rows, delayMs, now())),
    // Without what others left behind: every pause is to be turned by the advance that ends it.
    readyResumed: async () => 0,
    readyDelayed: () => ask("readies", () => model.readyDelayed(tables, now())),
    endExpired: (own) =>
      ask("ends expired", () => {
        const at = now();
        return model.endSessions(tables, at, (s) => s.id !== own && s.expiresAt < at);
      }),
    endGone: async (ids) => {
      await ask("ends gone", () => model.endSessions(tables, now(), (s) => ids.includes(s.id)));
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
    sweepSessions: () => ask("sweeps", () => model.sweep(tables, now())),
  };
}

export function childrenPort({ ask, tables, now }: PortDeps): PartsPorts["children"] {
  return {
    childrenAtRest: (_, without) =>
      ask("reads children", () =>
        model.childrenAtRest(tables, now()).filter(({ childId }) => !without.includes(childId)),
      ),
    childrenToFollow: (parentId) =>
      ask("reads who follows", () => model.childrenToFollow(tables, parentId, now())),
    withdrawChild: (id) => ask("withdraws a child", () => model.withdrawChild(tables, id, now())),
    findChild: (...place) => ask("finds a child", () => model.findChild(tables, ...place)),
    readChildEnd: (id) => ask("reads an end", () => model.childEnd(tables, id)),
  };
}

/** `mayAsk`: whether a definition is ever missing; where none is, this is not even read. */
export function askedPort(
  { ask, tables, now, broken }: PortDeps,
  mayAsk: boolean,
  noteCancel: PartsPorts["asked"]["askCancel"],
): PartsPorts["asked"] {
  return {
    askCancel: noteCancel,
    // So a seed is the same history without it.
    askedCancels: async () =>
      mayAsk
        ? await ask("reads asked cancels", () => model.askedCancels(tables, now(), broken))
        : [],
    forgetCancel: (runId) => ask("forgets a cancel", () => model.forgetCancel(tables, runId)),
    withdrawUnborn: (runId) =>
      ask("withdraws the unborn", () => model.withdrawUnborn(tables, runId, now())),
    dropLeases: (runId) => ask("drops leases", () => model.dropLeases(tables, runId)),
    openRows: (runId) => ask("reads what is open", () => model.openRows(tables, runId, broken)),
  };
}
