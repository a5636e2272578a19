import {
  formatRate,
  parseSlotKey,
  parseTargetKey,
  type Target,
  TIMEOUT_SLOT,
} from "@yardmaster/kernel";
import type { Pool } from "pg";
import { tellOpen } from "../inquiries/explain-inquiry.ts";
import { selectInquiries } from "../inquiries/inquiries.store.ts";
import { inquiryRecord } from "../inquiries/inquiry-record.ts";
import { isForNodes, targetKeyOf } from "../worker/runner-kind.ts";
import { alike, MOST_TOLD, stepText, type Waiting } from "./explain-alike.ts";
import type { RunRecord } from "./reading.types.ts";
import { END_OF_REST, restingText } from "./resting-workers.ts";
import { pausedAncestor } from "./run-tree.store.ts";
import {
  type LaneView,
  type Line,
  lacksScheduler,
  selectChildren,
  selectDispatch,
  selectLane,
  selectLine,
  selectTimers,
} from "./waiting.store.ts";
import { waitsFor } from "./waits-for.ts";

/**
 * Of an attempt that `waits`: which nodes could carry it out, why none does, and what would change that. Of one that
 * `runs`: what keeps its node from telling how it goes.
 */
export type ExplainTarget = (
  target: Target,
  attempt: "waits" | "runs",
) => Promise<{ readonly chain: readonly string[]; readonly unblock: readonly string[] }>;

/** An explanation in the making: each part adds what it finds. */
export interface Telling {
  readonly pool: Pool;
  readonly run: RunRecord;
  readonly explainTarget: ExplainTarget;
  /** Its definition is not there: an attempt that is with a worker may not have begun. */
  readonly isStuck: boolean;
  readonly chain: string[];
  readonly unblock: string[];
}

/** What a live run waits for: its pause, its attempts, the runs that are its steps, its questions, its timers. */
export async function explainLive(telling: Telling): Promise<void> {
  const isPaused = telling.run.paused_by !== null;
  if (isPaused) await explainPause(telling);
  const attempts = await explainAttempts(telling, isPaused);
  await explainChildren(telling);
  await explainInquiries(telling);
  const timers = await explainTimers(telling);
  if (timers > 0 || attempts.some(({ state, gone_at }) => state === "delayed" || gone_at !== null))
    await explainScheduler(telling);
}

/** Of a run that goes on when something is due, or when what it lost is given out again. */
async function explainScheduler({ pool, chain, unblock }: Telling): Promise<void> {
  if (!(await lacksScheduler(pool))) return;
  chain.push(
    "no scheduler lives: what is due does not start, and what a dead process had is not given out again",
  );
  unblock.push("start a scheduler: yard start --roles scheduler");
}

async function explainPause({ pool, run, chain, unblock }: Telling): Promise<void> {
  chain.push(`${run.reason}: what it has left to do waits, in the runs that are its steps as well`);
  unblock.push(`yard runs resume ${(await pausedAncestor(pool, run.id)) ?? run.id}`);
}

async function explainAttempts(telling: Telling, isPaused: boolean): Promise<Waiting[]> {
  const { pool, run, chain } = telling;
  const attempts = alike(await selectDispatch(pool, run.id));
  for (const row of attempts.slice(0, MOST_TOLD)) {
    const step = stepText(row);
    if (row.state === "leased") await explainLeased(telling, row);
    else if (row.state === "delayed")
      chain.push(
        `${step}: attempt ${row.number} starts at ${row.due_at}, after the one before it failed`,
      );
    else if (isPaused || row.state === "paused")
      chain.push(`${step}: is not started before the run is resumed`);
    else if (row.queue !== "") await explainLane(telling, row);
    else if (isForNodes(row.runner)) {
      chain.push(`${step}: ${waitsFor(row.runner)}`);
      await tellTarget(telling, parseTargetKey(targetKeyOf(row.runner)), "waits");
    } else await explainLine(telling, row);
  }
  tellRest(telling, attempts.length, "attempts");
  return attempts;
}

async function explainLeased(telling: Telling, row: Waiting): Promise<void> {
  const { node, gone_at } = row;
  if (node === null && gone_at !== null) return tellGone(telling, row);
  const where = node === null ? `worker ${row.session_id}` : `node ${node}`;
  telling.chain.push(
    `${stepText(row)}, attempt ${row.number}: ${telling.isStuck ? "leased" : "running"} since ${row.leased_at} on ${where}`,
  );
  if (node !== null) await tellTarget(telling, { node, labels: [] }, "runs");
}

function tellGone({ chain }: Telling, row: Waiting): void {
  chain.push(
    `${stepText(row)}, attempt ${row.number}: was on worker ${row.session_id}, which is gone since ${row.gone_at}; a scheduler gives it out again`,
  );
}

async function tellTarget(
  { explainTarget, chain, unblock }: Telling,
  target: Target,
  attempt: "waits" | "runs",
): Promise<void> {
  const told = await explainTarget(target, attempt);
  chain.push(...told.chain);
  unblock.push(...told.unblock);
}

/** Of an attempt that only workers which take processes can carry out. */
function tellRestingWorkers(
  { chain, unblock }: Telling,
  { runner }: Waiting,
  { workers, resting }: Pick<Line, "workers" | "resting">,
): "all" | "some" {
  if (runner !== "process" || resting.length === 0) return "some";
  for (const worker of resting.slice(0, MOST_TOLD)) chain.push(restingText(worker));
  if (resting.length < workers) return "some";
  unblock.push(END_OF_REST);
  return "all";
}

const START_WORKER = "start a worker: yard start --roles worker";
const NEXT_IN_LINE = "a worker that ends what it runs takes the next in line";

async function explainLine(telling: Telling, row: Waiting): Promise<void> {
  const { pool, run, chain, unblock } = telling;
  const line = await selectLine(pool, run.id);
  chain.push(
    `${stepText(row)}: waits for a free worker; ${olderText(line.ahead)} before it, ${workersText(row, line)}`,
  );
  if (tellRestingWorkers(telling, row, line) === "all") return;
  unblock.push(line.workers === 0 ? START_WORKER : NEXT_IN_LINE);
}

function workersText({ runner }: Waiting, { workers, resting }: Line): string {
  const live = `${workers} ${workers === 1 ? "worker" : "workers"} live`;
  if (runner !== "process" || resting.length === 0) return live;
  return `${live}, ${resting.length} of them resting`;
}

function olderText(ahead: number): string {
  return `${ahead} ${ahead === 1 ? "attempt" : "attempts"} of older runs`;
}

async function explainLane(telling: Telling, row: Waiting): Promise<void> {
  const { pool, run, chain, unblock } = telling;
  const lane = await selectLane(pool, run.id, row.queue, row.key);
  if (lane === undefined) {
    chain.push(`${stepText(row)}: waits in queue "${row.queue}", which is not defined any more`);
    return;
  }
  chain.push(
    `${stepText(row)}: waits in queue "${row.queue}"${keyText(row)}; ${lane.leased} running there${limitText(lane)}, ${olderText(lane.ahead)} before it`,
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
  if (lane.fifo && lane.head !== null && lane.head !== run.id) {
    chain.push(
      `run ${lane.head} is at the head of the line${keyText(row)} and holds it until it is final`,
    );
    unblock.push(
      `the end of run ${lane.head} (yard explain ${lane.head}; yard cancel ${lane.head})`,
    );
  } else if (lane.next_start_at === null) await explainHead(telling, row, lane);
}

/** What holds up an attempt that neither the rate nor the line of its queue does. */
async function explainHead(telling: Telling, row: Waiting, lane: LaneView): Promise<void> {
  const { chain, unblock } = telling;
  const needsNode = isForNodes(row.runner);
  if (lane.workers === 0 && !needsNode) {
    chain.push("no worker lives");
    unblock.push(START_WORKER);
    return;
  }
  if (tellRestingWorkers(telling, row, lane) === "all") return;
  if (!hasRoom(lane))
    unblock.push("the end of an attempt that runs in the queue, or a higher limit of the queue");
  else if (!needsNode) unblock.push(NEXT_IN_LINE);
  const isFull = lane.concurrency !== null && lane.leased >= lane.concurrency;
  if (!needsNode || isFull) return;
  chain.push(`it ${waitsFor(row.runner)} as well`);
  await tellTarget(telling, parseTargetKey(targetKeyOf(row.runner)), "waits");
}

/** Of a lane with a limit for each key it is not known here. */
function hasRoom({ concurrency, key_concurrency, leased }: LaneView): boolean {
  return key_concurrency === null && (concurrency === null || leased < concurrency);
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

async function explainChildren(telling: Telling): Promise<void> {
  const { pool, run, chain, unblock } = telling;
  const children = await selectChildren(pool, run.id);
  for (const child of children.slice(0, MOST_TOLD)) {
    if (child.is_born) {
      chain.push(`step ${child.slot}: waits for its run ${child.child_id} of ${child.ref}`);
      unblock.push(`see what that waits for: yard explain ${child.child_id}`);
    } else chain.push(`step ${child.slot}: its run of ${child.ref} is not started yet`);
  }
  tellRest(telling, children.length, "runs of its steps");
}

async function explainInquiries(telling: Telling): Promise<void> {
  const { pool, run, chain, unblock } = telling;
  const rows = await selectInquiries(pool, { within: run.id, status: "open", limit: MOST_ASKED });
  for (const row of rows.slice(0, MOST_TOLD)) {
    const told = tellOpen(inquiryRecord(row), run.id);
    chain.push(...told.chain);
    unblock.push(...told.unblock);
  }
  tellRest(telling, rows.length, "questions");
}

/** Items of a for_each that may ask at once. */
const MOST_ASKED = 10_000;

/** But for the times of questions, which are told with those. */
async function explainTimers(telling: Telling): Promise<number> {
  const all = await selectTimers(telling.pool, telling.run.id);
  const timers = all.filter(({ slot }) => !parseSlotKey(slot).isTime);
  for (const { slot, due_at } of timers.slice(0, MOST_TOLD))
    telling.chain.push(
      slot === TIMEOUT_SLOT
        ? `it is stopped at ${due_at} if it has not ended, by its own timeout`
        : `step ${slot}: waits until ${due_at}`,
    );
  tellRest(telling, timers.length, "timers");
  return all.length;
}

function tellRest({ chain }: Telling, count: number, what: string): void {
  if (count > MOST_TOLD) chain.push(`and ${count - MOST_TOLD} more ${what}`);
}
