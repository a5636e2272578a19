import type { QueueDetail, QueueExplanation } from "@yardmaster/protocol";
import { END_OF_REST, type RestingWorker, restingText } from "../engine/index.ts";

/** Lines of keys that are told one by one. */
const MAX_TOLD = 10;

/** Those that live. */
export interface Workers {
  readonly living: number;
  /** Of them. */
  readonly resting: readonly RestingWorker[];
}

/** Why a queue moves or does not, and what would move it. */
export function explainQueue(queue: QueueDetail, { living, resting }: Workers): QueueExplanation {
  const { name, status, ready, leased, delayed } = queue;
  const chain = [limitsOf(queue)];
  const unblock: string[] = [];
  chain.push(`${ready} ready, ${leased} running, ${delayed} waiting for their retry`);
  tellRunning(queue, chain);
  tellLines(queue, chain, unblock);
  tellFullKeys(queue, chain, unblock);
  if (status === "paused") {
    chain.push(`paused by ${queue.paused_by}: nothing in it is started`);
    unblock.push(`yard queues resume ${name}`);
  } else if (areAllOfPausedRuns(queue)) {
    chain.push("all that is ready is of runs that are paused");
    unblock.push("yard runs resume RUN; yard runs --status waiting says which are paused");
  } else if (ready > 0 && living === 0) {
    chain.push("no worker lives");
    unblock.push("start a worker: yard start --roles worker");
  } else if (status === "full" && queue.next_start_at !== null) {
    chain.push(
      `it waits for the rate of queue ${name} (${queue.rate}), next at ${queue.next_start_at}`,
    );
    unblock.push("a higher rate in the queue's definition; else it goes on by itself");
  } else if (status === "full") {
    const longest = queue.running[0];
    unblock.push(
      `the end of an attempt that runs in it${longest === undefined ? "" : `; the longest is of run ${longest.run_id} (yard explain ${longest.run_id})`}`,
      "a higher concurrency in the queue's definition",
    );
  } else if (status === "held" && unblock.length === 0) {
    chain.push(...resting.slice(0, MAX_TOLD).map(restingText));
    unblock.push(
      resting.length === living
        ? END_OF_REST
        : "a worker with room: those that live may be full, or take it in a moment",
    );
  }
  return { name, status, summary: summaryOf(queue), chain, unblock };
}

/** They count as ready, and are not listed as waiting: nobody may take them. */
function areAllOfPausedRuns({ ready, waiting, running }: QueueDetail): boolean {
  return ready > 0 && waiting.length === 0 && running.length === 0;
}

function limitsOf({ name, pack, concurrency, key_concurrency, rate, fifo }: QueueDetail): string {
  const limits = [
    concurrency === null ? "" : `at most ${concurrency} at once`,
    key_concurrency === null ? "" : `at most ${key_concurrency} at once for each key`,
    rate === null ? "" : `at most ${rate} started`,
    fifo ? "one run at a time for each key, in the order of arrival" : "",
  ].filter((limit) => limit !== "");
  const from =
    pack === null
      ? ", which no active pack defines any more (it goes when nothing is left in it, and no live run can come to it)"
      : ` of pack ${pack}`;
  return `queue ${name}${from}: ${limits.length === 0 ? "no limits" : limits.join("; ")}`;
}

function tellRunning({ running }: QueueDetail, chain: string[]): void {
  for (const { run_id, step, key, leased_at } of running.slice(0, MAX_TOLD)) {
    const under = key === null ? "" : ` under key "${key}"`;
    chain.push(`runs${under}: step ${step} of run ${run_id}, since ${leased_at}`);
  }
}

function tellLines({ lines, running }: QueueDetail, chain: string[], unblock: string[]): void {
  const atWork = new Set(running.map(({ run_id }) => run_id));
  for (const { key, leads, runs } of lines.slice(0, MAX_TOLD)) {
    if (runs < 2) continue;
    const idle = atWork.has(leads) ? "" : ", which runs nothing in this queue now";
    chain.push(`key "${key}" is held by run ${leads}${idle}; ${runs - 1} wait behind it`);
    unblock.push(`the end of run ${leads} (yard explain ${leads}; yard cancel ${leads})`);
  }
}

/** The keys of a queue that is not FIFO under which no more may run now, though something waits. */
function tellFullKeys(queue: QueueDetail, chain: string[], unblock: string[]): void {
  const { fifo, key_concurrency: most, running, waiting } = queue;
  if (fifo || most === null) return;
  for (const key of new Set(waiting.map((one) => one.key))) {
    const atWork = running.filter((one) => one.key === key);
    const longest = atWork[0];
    if (key === null || longest === undefined || atWork.length < most) continue;
    chain.push(`key "${key}" is full: ${atWork.length} of ${most} run under it`);
    unblock.push(
      `the end of an attempt under key "${key}"; the longest is of run ${longest.run_id} (yard explain ${longest.run_id})`,
    );
  }
}

function summaryOf({
  status,
  ready,
  leased,
  concurrency,
  paused_by,
  ...rest
}: QueueDetail): string {
  switch (status) {
    case "paused":
      return `paused by ${paused_by}: ${ready} ready, nothing is started`;
    case "idle":
      return "idle: nothing waits and nothing runs";
    case "moving":
      return ready === 0
        ? `moving: ${leased} running, nothing waits for room`
        : `moving: ${leased} running, ${ready} wait for room`;
    case "full":
      if (rest.next_start_at !== null)
        return `full: the rate ${rest.rate} is used up until ${rest.next_start_at}, ${ready} wait`;
      return `full: ${leased} of ${concurrency} run, ${ready} wait`;
    case "held":
      return `held: ${ready} wait and none runs`;
  }
}
