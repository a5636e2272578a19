import type { Pool } from "pg";
import type { Explanation, RunRecord } from "../engine.types.ts";
import type { JournalTold } from "./explain-journal.ts";
import { type ExplainTarget, explainLive } from "./explain-live.ts";

interface ExplainDeps {
  readonly explainTarget: ExplainTarget;
  readonly told: JournalTold;
}

/** Failed runs of steps that are named; those of a for_each mostly failed alike. */
const MOST_FAILED = 3;

/** Why a run is where it is: the chain that led to it, what it waits for, and what would unblock it. */
export async function explainRun(
  pool: Pool,
  run: RunRecord,
  { explainTarget, told }: ExplainDeps,
): Promise<Explanation> {
  const chain = [...originOf(run), ...told.sentences];
  const unblock: string[] = [];
  if (run.finished_at === null) await explainLive({ pool, run, explainTarget, chain, unblock });
  else chain.push(`it ended at ${run.finished_at} with status ${run.status}`);
  if (run.error !== null) chain.push(`error ${run.error.code}: ${run.error.message}`);
  if (run.status === "failed" || run.status === "timed_out") {
    const failed = told.failedRuns.slice(0, MOST_FAILED);
    unblock.push(
      ...failed.map((id) => `see why a run that was its step failed: yard explain ${id}`),
    );
    unblock.push(`see the output of its steps: yard logs ${run.id}`);
  }
  return {
    id: run.id,
    status: run.status,
    summary: summaryOf(run),
    chain,
    unblock: [...new Set(unblock)],
  };
}

function originOf(run: RunRecord): string[] {
  const cause =
    run.rule === null ? `by ${run.created_by}` : `by rule ${run.rule} on event ${run.event_id}`;
  const pack =
    run.pack_digest === null ? "" : `, with pack content ${run.pack_digest.slice(0, 12)}`;
  return [`run of ${run.ref}, started ${cause} at ${run.created_at}${pack}`];
}

function summaryOf(run: RunRecord): string {
  if (run.finished_at !== null)
    return run.error === null
      ? `ended: ${run.status}`
      : `ended: ${run.status}: ${run.error.message}`;
  return run.reason === null ? run.status : `${run.status}: ${run.reason}`;
}
