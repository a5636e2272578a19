import { SENSOR_STATUSES } from "@yardmaster/protocol";
import { MAX_QUEUE_LABELS } from "./catalog.ts";
import type { Register } from "./register.ts";

/** What the process has counted itself, and what only PostgreSQL knows. Read at each scrape. */
export interface MetricSources {
  readonly counters: EngineCounters;
  queueDepths(): Promise<readonly QueueDepth[]>;
  /** Living sessions, with their roles. */
  sessions(): Promise<readonly { readonly roles: readonly string[] }[]>;
  feedLagMs(): Promise<number>;
  /** Sensors by their status; those without any are left out. */
  sensorStatuses(): Promise<ReadonlyMap<string, number>>;
  /** Work items that are not over, by their status. */
  workItems(): Promise<
    readonly { readonly status: string; readonly ready: boolean; readonly count: number }[]
  >;
  /** Where anything is traced. */
  readonly spans?: SpanCounters | undefined;
  /** Of pg. */
  readonly pool: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
  };
}

export interface EngineCounters {
  readonly runsStarted: number;
  readonly runsFinished: { readonly [status: string]: number };
  readonly attemptsLost: number;
}

export interface QueueDepth {
  /** "" for work in no queue. */
  readonly queue: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  /** Null where nothing is ready. */
  readonly waitedMs: number | null;
}

export interface SpanCounters {
  readonly exported: number;
  readonly dropped: { readonly [reason: string]: number };
}

/** A scrape that waits for PostgreSQL must still be answered. */
const READ_WITHIN_MS = 2_000;

export function sourceMetrics({ counter, gauge }: Register, from: MetricSources): void {
  const errors = counter("yard_scrape_errors_total");
  const { counters } = from;

  /** What cannot be read is left out, and counted: the rest of the scrape is needed most of all then. */
  async function reading<T>(part: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await within(READ_WITHIN_MS, read());
    } catch {
      errors.inc({ part });
      return undefined;
    }
  }

  counter("yard_runs_started_total", (metric) => metric.inc(counters.runsStarted));
  counter("yard_attempts_lost_total", (metric) => metric.inc(counters.attemptsLost));
  counter("yard_runs_finished_total", (metric) => {
    for (const [status, count] of Object.entries(counters.runsFinished))
      metric.inc({ status }, count);
  });
  counter("yard_spans_exported_total", (metric) => metric.inc(from.spans?.exported ?? 0));
  counter("yard_spans_dropped_total", (metric) => {
    for (const [reason, count] of Object.entries(from.spans?.dropped ?? {}))
      metric.inc({ reason }, count);
  });
  // Before what asks PostgreSQL: a scrape must not count its own requests.
  gauge("yard_db_pool_connections", (metric) => {
    metric.set({ state: "open" }, from.pool.totalCount);
    metric.set({ state: "idle" }, from.pool.idleCount);
    metric.set({ state: "waiting" }, from.pool.waitingCount);
  });
  let asking: Promise<QueueDepth[]> | undefined;
  /** The gauges of one scrape share a reading: it counts everything that waits. */
  function queues(): Promise<QueueDepth[]> {
    asking ??= reading("queues", () => from.queueDepths())
      .then((depths) => boundedQueues(depths ?? []))
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }
  gauge("yard_queue_attempts", async (metric) => {
    const depths = await queues();
    metric.reset();
    for (const { queue, ready, delayed, leased } of depths) {
      metric.set({ queue, state: "ready" }, ready);
      metric.set({ queue, state: "delayed" }, delayed);
      metric.set({ queue, state: "leased" }, leased);
    }
  });
  gauge("yard_queue_oldest_ready_seconds", async (metric) => {
    const depths = await queues();
    metric.reset();
    for (const { queue, waitedMs } of depths) metric.set({ queue }, (waitedMs ?? 0) / 1_000);
  });
  for (const [name, part, role] of [
    ["yard_workers", "workers", "worker"],
    ["yard_schedulers", "schedulers", "scheduler"],
  ] as const)
    gauge(name, async (metric) => {
      const sessions = await reading(part, () => from.sessions());
      metric.remove({});
      if (sessions !== undefined)
        metric.set(sessions.filter(({ roles }) => roles.includes(role)).length);
    });
  gauge("yard_sensors", async (metric) => {
    const counts = await reading("sensors", () => from.sensorStatuses());
    metric.reset();
    if (counts === undefined) return;
    for (const status of SENSOR_STATUSES) metric.set({ status }, counts.get(status) ?? 0);
  });
  gauge("yard_work_items", async (metric) => {
    const counts = await reading("work", () => from.workItems());
    metric.reset();
    if (counts === undefined) return;
    for (const status of ["ready", "held", "in_progress", "waiting", "blocked"])
      metric.set({ status }, 0);
    for (const { status, ready, count } of counts)
      metric.set({ status: status === "queued" ? (ready ? "ready" : "held") : status }, count);
  });
  gauge("yard_feed_lag_seconds", async (metric) => {
    const lagMs = await reading("feed", () => from.feedLagMs());
    metric.remove({});
    if (lagMs !== undefined) metric.set(lagMs / 1_000);
  });
}

/** The fullest queues by name, the rest in one; work in no queue always has its own. */
export function boundedQueues(depths: readonly QueueDepth[]): QueueDepth[] {
  const total = ({ ready, delayed, leased }: QueueDepth): number => ready + delayed + leased;
  const named = depths.filter(({ queue }) => queue !== "").sort((a, b) => total(b) - total(a));
  const none = depths
    .filter(({ queue }) => queue === "")
    .map((depth) => ({ ...depth, queue: "(none)" }));
  const rest = named.slice(MAX_QUEUE_LABELS);
  if (rest.length === 0) return [...none, ...named];
  const others = rest.reduce(
    (sum, one) => ({
      queue: "(others)",
      ready: sum.ready + one.ready,
      delayed: sum.delayed + one.delayed,
      leased: sum.leased + one.leased,
      waitedMs: Math.max(sum.waitedMs ?? 0, one.waitedMs ?? 0),
    }),
    { queue: "(others)", ready: 0, delayed: 0, leased: 0, waitedMs: 0 },
  );
  return [...none, ...named.slice(0, MAX_QUEUE_LABELS), others];
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not read within ${ms} ms`)), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
