import { formatRate } from "@yardmaster/kernel";
import {
  AppError,
  MAX_QUEUE_ROWS,
  nearestRef,
  type Queue,
  type QueueDetail,
  type QueueExplanation,
  type QueueStatus,
} from "@yardmaster/protocol";
import {
  type LaneStatus,
  type RunningEngine,
  restingAmong,
  type WaitingAttempt,
} from "../engine/index.ts";
import type { Packs } from "../packs/index.ts";
import { explainQueue } from "./explain-queue.ts";

export interface QueuesDeps {
  readonly engine: Pick<RunningEngine, "lanes" | "lane" | "sessions" | "pauseQueue">;
  readonly packs: Pick<Packs, "active">;
}

/** Named lanes of admission: the packs say what they allow, the engine what is in them. */
export interface Queues {
  list(): Promise<Queue[]>;
  /** @throws AppError `not_found` */
  get(name: string): Promise<QueueDetail>;
  /** Nothing in it is started while it is paused; `by` null lets it go on. @throws AppError `not_found` */
  pause(name: string, by: string | null): Promise<QueueDetail>;
  /** @throws AppError `not_found` */
  explain(name: string): Promise<QueueExplanation>;
}

export function createQueues({ engine, packs }: QueuesDeps): Queues {
  function view(lane: LaneStatus): Queue {
    const pack = packs
      .active()
      .find(({ definition }) => definition.queues.some(({ name }) => name === lane.name));
    const defined = pack?.definition.queues.find(({ name }) => name === lane.name);
    return {
      name: lane.name,
      pack: pack?.definition.name ?? null,
      description: defined?.description ?? null,
      status: statusOf(lane),
      concurrency: lane.concurrency,
      key_concurrency: lane.keyConcurrency,
      rate: lane.rate && formatRate(lane.rate),
      next_start_at: lane.nextStartAt,
      fifo: lane.fifo,
      paused_by: lane.pausedBy,
      ready: lane.ready,
      delayed: lane.delayed,
      leased: lane.leased,
      next: lane.next && waiting(lane.next),
    };
  }

  async function get(name: string): Promise<QueueDetail> {
    const lane = await engine.lane(name, MAX_QUEUE_ROWS);
    if (lane === undefined) throw await notFound(name);
    return {
      ...view(lane),
      waiting: lane.waiting.map(waiting),
      running: lane.running.map(({ slot, number, session_id, node, ...rest }) => ({
        ...rest,
        step: slot,
        attempt: number,
        worker: session_id,
        ...(node === null ? {} : { node }),
      })),
      lines: lane.lines.map(({ key, holder, runs }) => ({ key, leads: holder, runs })),
    };
  }

  async function notFound(name: string): Promise<AppError> {
    const near = nearestRef(
      name,
      (await engine.lanes()).map((lane) => lane.name),
    );
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    return new AppError("not_found", `There is no queue ${name}.${hint}`);
  }

  return {
    get,
    list: async () => (await engine.lanes()).map(view),
    async pause(name, by) {
      if (!(await engine.pauseQueue(name, by))) throw await notFound(name);
      return await get(name);
    },
    async explain(name) {
      const [queue, sessions] = await Promise.all([get(name), engine.sessions()]);
      const workers = sessions.filter(({ roles }) => roles.includes("worker"));
      return explainQueue(queue, { living: workers.length, resting: restingAmong(workers) });
    },
  };
}

function statusOf({
  ready,
  delayed,
  leased,
  concurrency,
  nextStartAt,
  pausedBy,
}: LaneStatus): QueueStatus {
  if (pausedBy !== null) return "paused";
  if (ready === 0) return leased + delayed === 0 ? "idle" : "moving";
  if (concurrency !== null && leased >= concurrency) return "full";
  if (nextStartAt !== null) return "full";
  return leased === 0 ? "held" : "moving";
}

function waiting({ slot, number, ...rest }: WaitingAttempt): Queue["next"] & object {
  return { ...rest, step: slot, attempt: number };
}
