import { formatRate, parseTargetKey, type Target, TIMEOUT_SLOT } from "@yardmaster/kernel";
import type { Pool } from "pg";
import type { Explanation, RunRecord } from "../engine.types.ts";
import { isForNodes, targetKeyOf } from "../worker/runner-kind.ts";
import { alike, MOST_TOLD, stepText, type Waiting } from "./explain-alike.ts";
import type { JournalTold } from "./explain-journal.ts";
import {
  type LaneView,
  selectChildren,
  selectDispatch,
  selectLane,
  selectLine,
  selectTimers,
} from "./reading.store.ts";
import { pausedAncestor } from "./run-tree.store.ts";
import { waitsFor } from "./waits-for.ts";

/**
 * Of an attempt that `waits`: which nodes could carry it out, why none does, and what would change that. Of one that
 * `runs`: what keeps its node from telling how it goes.
 */
export type ExplainTarget = (
  target: Target,
  attempt: "waits" | "runs",
) => Promise<{ readonly chain: readonly string[]; readonly unblock: readonly string[] }>;

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
  if (run.finished_at === null) await explainLive(pool, run, explainTarget, chain, unblock);
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

async function explainLive(
  pool: Pool,
  run: RunRecord,
  explainTarget: ExplainTarget,
  chain: string[],
  unblock: string[],
): Promise<void> {
  const isPaused = run.reason?.startsWith("paused ") === true;
  if (isPaused) {
    chain.push(
      `${run.reason}: what it has left to do waits, in the runs that are its steps as well`,
    );
    unblock.push(`yard runs resume ${(await pausedAncestor(pool, run.id)) ?? run.id}`);
  }
  const waiting = alike(await selectDispatch(pool, run.id));
  for (const row of waiting.slice(0, MOST_TOLD)) {
    const step = stepText(row);
    if (row.state === "leased") {
      chain.push(
        `${step}, attempt ${row.number}: running since ${row.leased_at} on ${row.node === null ? `worker ${row.session_id}` : `node ${row.node}`}`,
      );
      if (row.node === null) continue;
      const told = await explainTarget({ node: row.node, labels: [] }, "runs");
      chain.push(...told.chain);
      unblock.push(...told.unblock);
    } else if (row.state === "delayed")
      chain.push(
        `${step}: attempt ${row.number} starts at ${row.due_at}, after the one before it failed`,
      );
    else if (isPaused) chain.push(`${step}: is not started before the run is resumed`);
    else if (row.queue === "" && isForNodes(row.runner)) {
      chain.push(`${step}: ${waitsFor(row.runner)}`);
      const told = await explainTarget(parseTargetKey(targetKeyOf(row.runner)), "waits");
      chain.push(...told.chain);
      unblock.push(...told.unblock);
    } else if (row.queue === "") await explainLine(pool, run.id, row, chain, unblock);
    else await explainLane(pool, run.id, row, chain, unblock);
  }
  tellRest(waiting.length, "attempts", chain);
  const children = await selectChildren(pool, run.id);
  for (const child of children.slice(0, MOST_TOLD)) {
    if (child.is_born) {
      chain.push(`step ${child.slot}: waits for its run ${child.child_id} of ${child.ref}`);
      unblock.push(`see what that waits for: yard explain ${child.child_id}`);
    } else chain.push(`step ${child.slot}: its run of ${child.ref} is not started yet`);
  }
  tellRest(children.length, "runs of its steps", chain);
  const timers = await selectTimers(pool, run.id);
  for (const timer of timers.slice(0, MOST_TOLD))
    chain.push(
      timer.slot === TIMEOUT_SLOT
        ? `it is stopped at ${timer.due_at} if it has not ended, by its own timeout`
        : `step ${timer.slot}: waits until ${timer.due_at}`,
    );
  tellRest(timers.length, "timers", chain);
}

function tellRest(count: number, what: string, chain: string[]): void {
  if (count > MOST_TOLD) chain.push(`and ${count - MOST_TOLD} more ${what}`);
}

async function explainLine(
  pool: Pool,
  runId: string,
  row: Waiting,
  chain: string[],
  unblock: string[],
): Promise<void> {
  const { ahead, workers } = await selectLine(pool, runId);
  chain.push(
    `${stepText(row)}: waits for a free worker; ${ahead} attempts of older runs stand before it, ${workers} workers live`,
  );
  unblock.push(
    workers === 0
      ? "start a worker: yard start --roles worker"
      : "a worker that ends what it runs takes the next in line",
  );
}

async function explainLane(
  pool: Pool,
  runId: string,
  row: Waiting,
  chain: string[],
  unblock: string[],
): Promise<void> {
  const lane = await selectLane(pool, runId, row.queue, row.key);
  if (lane === undefined) {
    chain.push(`${stepText(row)}: waits in queue "${row.queue}", which is not defined any more`);
    return;
  }
  chain.push(
    `${stepText(row)}: waits in queue "${row.queue}"${keyText(row)}; ${lane.leased} running there${limitText(lane)}, ${lane.ahead} attempts of older runs before it`,
  );
  if (lane.paused_by !== null) {
    chain.push(`queue "${row.queue}" is paused by ${lane.paused_by}: nothing in it is started`);
    unblock.push(`yard queues resume ${row.queue}`);
    return;
  }
  if (lane.next_start_at !== null && lane.rate !== null) {
    chain.push(
      `it waits for the rate of queue "${row.queue}" (${formatRate(lane.rate)}), next at ${lane.next_start_at}`,
    );
    unblock.push("a higher rate of the queue; else it goes on by itself");
  }
  if (lane.fifo && lane.head !== null && lane.head !== runId) {
    chain.push(
      `run ${lane.head} is at the head of the line${keyText(row)} and holds it until it is final`,
    );
    unblock.push(
      `the end of run ${lane.head} (yard explain ${lane.head}; yard cancel ${lane.head})`,
    );
  } else if (lane.next_start_at === null)
    unblock.push("the end of an attempt that runs in the queue, or a higher limit of the queue");
}

function keyText(row: Waiting): string {
  return row.key === null ? "" : ` under key "${row.key}"`;
}

function limitText(lane: LaneView): string {
  const limits = [
    lane.concurrency === null ? "" : `of at most ${lane.concurrency}`,
    lane.key_concurrency === null ? "" : `${lane.key_concurrency} a key`,
    lane.rate === null ? "" : formatRate(lane.rate),
  ].filter((text) => text !== "");
  return limits.length === 0 ? "" : ` (${limits.join(", ")})`;
}
