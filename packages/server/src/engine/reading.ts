import { pausedWith, type RunEvent, type RunState } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { withNodes, workersOf } from "./attempt-nodes.ts";
import type { createEnds } from "./ends.ts";
import type { DefinitionSource, Engine, RunRecord } from "./engine.types.ts";
import { type ExplainTarget, explainRun } from "./explain.ts";
import { journalSentences } from "./explain-journal.ts";
import { instantViews } from "./instants.ts";
import { loadRun } from "./keeper.store.ts";
import type { Keeper } from "./keeper.ts";
import { fold } from "./kept-run.ts";
import { type LogPlace, selectLogs } from "./logs.store.ts";
import { nodeNames } from "./node-sessions.store.ts";
import type { Posted } from "./posted.ts";
import {
  selectChildren,
  selectDispatch,
  selectRetried,
  selectRun,
  selectRuns,
} from "./reading.store.ts";
import { runRecord } from "./run-record.ts";
import { pausedAncestor } from "./run-tree.store.ts";
import { stepRecords } from "./step-records.ts";
import { verifyRun } from "./verify.ts";

export interface ReadingDeps {
  readonly pool: Pool;
  readonly definitions: DefinitionSource;
  readonly keeper: Keeper;
  readonly ends: ReturnType<typeof createEnds>;
  readonly explainTarget: ExplainTarget;
  readonly now: () => number;
}

type Reading = Pick<
  Engine,
  | "cancel"
  | "retried"
  | "pause"
  | "resume"
  | "run"
  | "runs"
  | "steps"
  | "logs"
  | "explain"
  | "waitForEnd"
  | "verify"
>;

/** What is asked about runs: records, steps, logs, reasons, and their end. */
export function createReading(deps: ReadingDeps): Reading {
  const { pool, definitions } = deps;

  async function run(id: string): Promise<RunRecord | undefined> {
    const row = await selectRun(pool, id);
    return row === undefined ? undefined : runRecord(row);
  }

  /** What was asked before already changes nothing, and is answered alike. */
  async function ask(id: string, event: RunEvent): Promise<RunRecord> {
    return (await asked(id, event)).record;
  }

  async function asked(
    id: string,
    event: RunEvent,
  ): Promise<{ posted: Posted; record: RunRecord }> {
    const posted = await deps.keeper.post(id, event);
    const record = await run(id);
    if (record === undefined) throw new AppError("not_found", `there is no run ${id}`);
    if (posted === "gone")
      throw new AppError("already_final", `run ${id} has ended already: ${record.status}`);
    return { posted, record };
  }

  async function cancel(id: string, by: string): Promise<RunRecord> {
    const { posted, record } = await asked(id, { type: "cancel_requested", at: deps.now(), by });
    if (posted === "late") await refuseTooLate(id);
    return (await letGoOn(id, by)) ?? record;
  }

  /** A pause would hold the cleanup of what was canceled, and with it the end: a key of a queue stayed taken. */
  async function letGoOn(id: string, by: string): Promise<RunRecord | undefined> {
    const row = await selectRun(pool, id);
    // With the run that it is a step of it is held again at once: that one's pause is not its own to end.
    if (!row?.paused_by || pausedWith(row.paused_by) !== undefined) return undefined;
    await deps.keeper.post(id, { type: "resumed", at: deps.now(), by });
    return await run(id);
  }

  /** Nothing of `finally` is left out, and how the run ends is decided by then. A cancel that is asked again is fine. */
  async function refuseTooLate(id: string): Promise<void> {
    const state = await stateOf(id);
    if (state?.phase !== "finalizing" || state.outcome === "canceled") return;
    throw new AppError(
      "conflict",
      `run ${id} cannot be canceled any more: its steps are over, and it ends as ${state.outcome} once its \`finally\` is done`,
    );
  }

  async function stateOf(id: string): Promise<RunState | undefined> {
    const stored = await loadRun(pool, id, { ended: true });
    if (stored === undefined) return undefined;
    return fold(id, stored, await definitions.pinned(stored.ref, stored.packDigest)).state;
  }

  /** Of a run whose pack is not kept any more, the journal alone. */
  async function toldOf(record: RunRecord): Promise<string[]> {
    const stored = await loadRun(pool, record.id, { ended: true });
    if (stored === undefined) return [];
    const workflow = await definitions.pinned(stored.ref, stored.packDigest).catch(() => undefined);
    return journalSentences(record, stored, workflow);
  }

  return {
    run,
    async runs(filter) {
      const records: RunRecord[] = [];
      let { before } = filter;
      for (;;) {
        const page = (
          await selectRuns(pool, { ...filter, ...(before === undefined ? {} : { before }) })
        ).map(runRecord);
        records.push(
          ...page.filter(
            (record) => filter.status === undefined || record.status === filter.status,
          ),
        );
        // The status of a live run is known only when it is read: a page of them may hold fewer than were asked for.
        if (page.length < filter.limit || records.length >= filter.limit)
          return records.slice(0, filter.limit);
        before = page.at(-1)?.id;
      }
    },
    async steps(id) {
      // Open attempts first: one that ends in between is then shown by its result.
      const [dispatch, children] = await Promise.all([
        selectDispatch(pool, id),
        selectChildren(pool, id),
      ]);
      const stored = await loadRun(pool, id, { ended: true });
      if (stored === undefined) return undefined;
      const workflow = await definitions.pinned(stored.ref, stored.packDigest);
      const { state } = fold(id, stored, workflow);
      const open = [...dispatch, ...instantViews(stored, workflow, state)];
      const records = stepRecords(workflow, state, open, children);
      return withNodes(records, await nodeNames(pool, workersOf(records)));
    },
    async logs(id, { step, after, limit }) {
      const place = after === undefined ? undefined : parsePlace(after);
      const options = {
        limit,
        ...(step === undefined ? {} : { step }),
        ...(place === undefined ? {} : { after: place }),
      };
      const rows = await selectLogs(pool, id, options);
      return rows.map(({ xid, ...line }) => ({
        ...line,
        cursor: `${xid}.${line.attempt}.${line.seq}.${line.step}`,
      }));
    },
    async explain(id) {
      const record = await run(id);
      if (record === undefined) return undefined;
      const { explainTarget } = deps;
      return await explainRun(pool, record, { explainTarget, told: await toldOf(record) });
    },
    async verify(id) {
      const stored = await loadRun(pool, id, { ended: true });
      if (stored === undefined) return undefined;
      return verifyRun(id, stored, await definitions.pinned(stored.ref, stored.packDigest));
    },
    async waitForEnd(id, timeoutMs, signal) {
      const waiting = deps.ends.wait(id, timeoutMs, signal);
      // A run that this process keeps tells its end itself; one query less on the hot path.
      if (!deps.keeper.keeps(id)) {
        const record = await run(id);
        if (record !== undefined && record.finished_at !== null) deps.ends.told(id, () => record);
      }
      return await waiting;
    },
    retried: (ids) => selectRetried(pool, ids),
    cancel,
    pause: (id, by) => ask(id, { type: "paused", at: deps.now(), by }),
    async resume(id, by) {
      const holder = await pausedAncestor(pool, id);
      if (holder !== undefined)
        throw new AppError(
          "conflict",
          `run ${id} is paused with run ${holder}, of which it is a step, and goes on with that: yard runs resume ${holder}`,
        );
      return await ask(id, { type: "resumed", at: deps.now(), by });
    },
  };
}

function parsePlace(cursor: string): LogPlace {
  const match = /^(\d{1,20})\.(\d{1,9})\.(\d{1,9})\.(.+)$/.exec(cursor);
  if (match === null) throw new AppError("invalid_cursor", `"${cursor}" is not a cursor of a log`);
  return {
    xid: match[1] as string,
    number: Number(match[2]),
    seq: Number(match[3]),
    slot: match[4] as string,
  };
}
