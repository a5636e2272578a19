import type { Check, Queue } from "@yardmaster/protocol";
import { END_OF_REST, type RunningEngine, restingAmong, restingText } from "../../engine/index.ts";
import { bad, count, ok, warn } from "../check.ts";

type Sessions = Awaited<ReturnType<RunningEngine["sessions"]>>;
type Depths = Awaited<ReturnType<RunningEngine["queueDepths"]>>;

/** Attempts that wait, as a sentence part. */
function waitingText(ready: number): string {
  return ready === 1 ? "1 attempt waits" : `${ready} attempts wait`;
}

/** Whether somebody carries out work, and somebody starts what is due. The process that asks is itself among those that live. */
export function processesChecks(sessions: Sessions, depths: Depths): Check[] {
  if (sessions.length === 0)
    return [
      bad(
        "workers",
        "no process, this one included, can renew its session in PostgreSQL: none takes or starts anything",
        "see what is said of PostgreSQL here and in the log; they go on by themselves when it takes writes",
      ),
    ];
  return [workersCheck(sessions, depths), schedulersCheck(sessions)];
}

function workersCheck(sessions: Sessions, depths: Depths): Check {
  const workers = sessions.filter(({ roles }) => roles.includes("worker"));
  const ready = depths.reduce((sum, depth) => sum + depth.ready, 0);
  const advice = "start one: yard start --roles worker";
  const live = `${count(workers.length, "worker")} live`;
  const resting = restingAmong(workers);
  if (resting[0] !== undefined)
    return warn(
      "workers",
      `${live}, ${resting.length} of them resting, ${waitingText(ready)}; ${restingText(resting[0])}`,
      END_OF_REST,
    );
  if (workers.length > 0) return ok("workers", `${live}, ${waitingText(ready)}`);
  return ready > 0
    ? bad("workers", `no worker lives, and ${waitingText(ready)}`, advice)
    : warn("workers", "no worker lives; nothing waits for one yet", advice);
}

function schedulersCheck(sessions: Sessions): Check {
  const schedulers = sessions.filter(({ roles }) => roles.includes("scheduler")).length;
  if (schedulers > 0) return ok("schedulers", `${count(schedulers, "scheduler")} live`);
  return bad(
    "schedulers",
    "no scheduler lives: tasks, timers and retries do not start, what a dead process had is not given out again, and nothing old is deleted",
    "start one: yard start --roles scheduler",
  );
}

/** An attempt that could start, and has waited for so long, is worth a word. */
const LONG_WAIT_MS = 5 * 60_000;

/** Queues in which something waits and nothing runs, although it could; and those that are paused with work in them. */
export function queuesChecks(queues: readonly Queue[], depths: Depths, workers: number): Check[] {
  const held = workers === 0 ? [] : queues.filter(({ status }) => status === "held");
  const paused = queues.filter((queue) => queue.status === "paused" && hasWork(queue));
  const orphans = queues.filter((queue) => queue.pack === null && hasWork(queue));
  const told = new Set([...held, ...paused].map(({ name }) => name));
  const slow = depths.filter(
    ({ queue, waitedMs }) => workers > 0 && (waitedMs ?? 0) >= LONG_WAIT_MS && !told.has(queue),
  );
  const all = [
    ...held.map(({ name, ready }) =>
      warn(
        "queues",
        `in queue ${name} ${waitingText(ready)} and none runs`,
        `yard queues explain ${name}`,
      ),
    ),
    ...paused.map(({ name, paused_by, ready, delayed }) =>
      warn(
        "queues",
        `queue ${name} is paused by ${paused_by}, and ${waitingText(ready + delayed)}`,
        `yard queues resume ${name}`,
      ),
    ),
    ...slow.map(slowQueue),
    ...orphans.map(({ name }) =>
      warn(
        "queues",
        `work waits in queue ${name}, which no active pack defines any more`,
        "it is worked off by its last limits; to change them, define the queue again",
      ),
    ),
  ];
  return all.length > 0
    ? all
    : [ok("queues", `${count(queues.length, "queue")}, none stands still`)];
}

function hasWork({ ready, delayed }: Queue): boolean {
  return ready + delayed > 0;
}

function slowQueue({ queue, waitedMs }: Depths[number]): Check {
  const minutes = Math.floor((waitedMs ?? 0) / 60_000);
  const where = queue === "" ? "in no queue" : `in queue ${queue}`;
  return warn(
    "queues",
    `an attempt ${where} has waited for ${minutes} min, though it could start`,
    queue === ""
      ? "yard runs --status queued lists such runs; yard explain RUN says for which worker or node it waits"
      : `yard queues explain ${queue}`,
  );
}
