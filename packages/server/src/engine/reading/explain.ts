import type { Pool } from "pg";
import type { JournalTold } from "./explain-journal.ts";
import { type ExplainTarget, explainLive } from "./explain-live.ts";
import { selectLastRetry } from "./reading.store.ts";
import type { Explanation, RunRecord } from "./reading.types.ts";

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
  const { missing } = told;
  if (run.finished_at !== null) {
    // What the error says stands in the summary.
    const by = run.error === null ? "" : `, by the error ${run.error.code}`;
    chain.push(`it ended at ${run.finished_at} with status ${run.status}${by}`);
  } else {
    const isStuck = missing !== undefined;
    if (isStuck) tellMissing(run, missing, chain, unblock);
    await explainLive({ pool, run, explainTarget, isStuck, chain, unblock });
    if (run.error !== null) chain.push(`error ${run.error.code}: ${run.error.message}`);
  }
  if (run.status === "failed" || run.status === "timed_out") {
    const failed = told.failedRuns.slice(0, MOST_FAILED);
    unblock.push(
      ...failed.map((id) => `see why a run that was its step failed: yard explain ${id}`),
    );
    unblock.push(`see the output of its steps: yard logs ${run.id}`);
    const retry = await selectLastRetry(pool, run.id);
    if (retry !== undefined) chain.push(`it was tried again, as run ${retry}`);
    unblock.push(
      retry === undefined ? againText(run) : `see how the new try stands: yard explain ${retry}`,
    );
  }
  return {
    id: run.id,
    status: run.status,
    summary: summaryOf(run),
    chain,
    unblock: [...new Set(unblock)],
  };
}

/** What a live run waits for stays told beside it: that is where it stands. */
function tellMissing({ id }: RunRecord, missing: string, chain: string[], unblock: string[]): void {
  chain.push(
    `it cannot go on here, since the definition that it began with is not there: ${missing}. It is looked for again, after 30 s at most`,
  );
  unblock.push(
    "the pack as it was when the run began (put its folder back as it was), or the version of Yardmaster that could use it",
    `yard cancel ${id}: ends it and the runs that are its steps as canceled, without their cleanup where nobody has the definition`,
  );
}

/** A new try of a run that is a step would be one of which its parent never hears. */
function againText({ id, parent_id }: RunRecord): string {
  return parent_id === null
    ? `try it again, with what had succeeded: yard retry ${id}`
    : `try the run that it is a step of again: yard retry ${parent_id}`;
}

function originOf(run: RunRecord): string[] {
  const cause =
    run.rule === null ? `by ${run.created_by}` : `by rule ${run.rule} on event ${run.event_id}`;
  const pack =
    run.pack_digest === null ? "" : `, with pack content ${run.pack_digest.slice(0, 12)}`;
  const again = run.retry_of === null ? "" : `, a new try of run ${run.retry_of}`;
  return [`run of ${run.ref}, started ${cause} at ${run.created_at}${again}${pack}`];
}

function summaryOf(run: RunRecord): string {
  if (run.finished_at !== null)
    return run.error === null
      ? `ended: ${run.status}`
      : `ended: ${run.status}: ${run.error.message}`;
  return run.reason === null ? run.status : `${run.status}: ${run.reason}`;
}
