import type { Pool } from "pg";
import { pageOf } from "../../paging/index.ts";
import type { DefinitionSource, Engine } from "../engine.types.ts";
import { instantViews } from "../instants/instants.ts";
import { definitionOf, isDefinitionMissing } from "../keeper/definition-of.ts";
import { loadRun } from "../keeper/keeper.store.ts";
import type { Keeper } from "../keeper/keeper.ts";
import { foldInSlices } from "../keeper/kept-run.ts";
import { nodeNames } from "../node-work/node-sessions.store.ts";
import { withNodes, workersOf } from "./attempt-nodes.ts";
import type { createEnds } from "./ends.ts";
import { explainRun } from "./explain.ts";
import { type JournalTold, journalTold, NOTHING_TOLD } from "./explain-journal.ts";
import type { ExplainTarget } from "./explain-live.ts";
import { readLog } from "./log-page.ts";
import { selectRetried, selectRun, selectRuns } from "./reading.store.ts";
import type { RunRecord } from "./reading.types.ts";
import { runRecord } from "./run-record.ts";
import { stepRecords } from "./step-records.ts";
import { verifyRun } from "./verify.ts";
import { selectChildren, selectDispatch } from "./waiting.store.ts";

export interface ReadingDeps {
  readonly pool: Pool;
  readonly definitions: DefinitionSource;
  readonly keeper: Keeper;
  readonly ends: ReturnType<typeof createEnds>;
  readonly explainTarget: ExplainTarget;
}

type Reading = Pick<
  Engine,
  "retried" | "run" | "runs" | "steps" | "logs" | "explain" | "waitForEnd" | "verify"
>;

/** What is asked about runs: records, steps, logs, reasons, and their end. */
export function createReading(deps: ReadingDeps): Reading {
  const { pool, definitions } = deps;

  async function run(id: string): Promise<RunRecord | undefined> {
    const row = await selectRun(pool, id);
    return row === undefined ? undefined : runRecord(row);
  }

  async function toldOf(record: RunRecord): Promise<JournalTold> {
    const stored = await loadRun(pool, record.id, { ended: true });
    if (stored === undefined) return NOTHING_TOLD;
    try {
      const workflow = await definitions.pinned(stored.ref, stored.packDigest);
      return await journalTold(record, stored, workflow);
    } catch (error) {
      const told = await journalTold(record, stored, undefined);
      return isDefinitionMissing(error) ? { ...told, missing: error.message } : told;
    }
  }

  return {
    run,
    async runs(filter) {
      const { limit, status } = filter;
      const records: RunRecord[] = [];
      let { before } = filter;
      for (;;) {
        const from = { ...filter, limit: limit + 1, ...(before === undefined ? {} : { before }) };
        const { rows, isCut } = await selectRuns(pool, from);
        const page = rows.map(runRecord);
        records.push(...page.filter((record) => status === undefined || record.status === status));
        const last = page.at(-1)?.id;
        if (records.length > limit) return pageOf(records, limit, ({ id }) => id);
        if (isCut) return { rows: records, next: last };
        // The status of a live run is known only when it is read: a page of them may hold fewer than were asked for.
        if (page.length <= limit) return { rows: records, next: undefined };
        before = last;
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
      const workflow = await definitionOf(definitions, id, stored);
      const { state } = await foldInSlices(id, stored, workflow);
      const open = [...dispatch, ...instantViews(stored, workflow, state)];
      const records = stepRecords(workflow, state, open, children);
      return withNodes(records, await nodeNames(pool, workersOf(records)));
    },
    logs: (id, options) => readLog(pool, id, options),
    async explain(id) {
      const record = await run(id);
      if (record === undefined) return undefined;
      const { explainTarget } = deps;
      return await explainRun(pool, record, { explainTarget, told: await toldOf(record) });
    },
    async verify(id) {
      const stored = await loadRun(pool, id, { ended: true });
      if (stored === undefined) return undefined;
      return verifyRun(id, stored, await definitionOf(definitions, id, stored));
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
  };
}
