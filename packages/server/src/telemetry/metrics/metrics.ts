import { Registry } from "prom-client";
import type { AnsweredRequest } from "../../http/index.ts";
import { type NodeMetrics, nodeMetrics } from "./node-metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import { registering } from "./register.ts";
import { type MetricSources, sourceMetrics } from "./sources.ts";

export type { MetricSources } from "./sources.ts";

type Decided = readonly { readonly status: string }[];

/** What this process does, in numbers. What is called for every run or request costs about a microsecond. */
export interface Metrics {
  readonly contentType: string;
  /** The text of `/metrics`. Requests at the same time share one reading. */
  render(): Promise<string>;
  /** Where gauges are read from; called once, when the engine stands. */
  readFrom(sources: MetricSources): void;
  request(answered: AnsweredRequest): void;
  flush(units: number, tookMs: number): void;
  runEnded(ended: {
    readonly status: string;
    readonly tookMs: number;
    readonly pickedUpMs: number | undefined;
  }): void;
  attempt(runner: string, status: string): void;
  webhook(kind: string | undefined, outcome: string): void;
  /** PostgreSQL was away, and is there again. */
  reconnected(): void;
  /** What is kept no longer was deleted. */
  deleted(what: string, rows: number): void;
  event(channel: string, decisions: Decided): void;
  /** What sensors of this process have printed. */
  sensorLines(outcome: "stored" | "refused", lines: number): void;
  /** A task was due; one that was missed, or folded into another, is a misfire. */
  taskFired(
    plan: { readonly kind: "due" | "missed"; readonly coalesced?: number; readonly count?: number },
    lagMs: number,
    policy: string,
  ): void;
  /** A project of a tracker was asked for changes. */
  trackerPoll(kind: string, outcome: string): void;
  trackerChanges(kind: string, verdict: string, changes: number): void;
  /** An event was judged again. */
  decided(decisions: Decided): void;
  readonly nodes: NodeMetrics;
  /** Names, for the comparison with the catalog. */
  names(): string[];
  close(): void;
}

export function createMetrics({ version }: { readonly version: string }): Metrics {
  const registry = new Registry();
  const register = registering(registry);
  const stop = processMetrics(register, version);
  const { counter, histogram } = register;
  const requests = counter("yard_http_requests_total");
  const requestTimes = histogram("yard_http_request_duration_seconds");
  const flushUnits = histogram("yard_flush_units");
  const flushTimes = histogram("yard_flush_duration_seconds");
  const webhooks = counter("yard_webhooks_total");
  const events = counter("yard_events_total");
  const sensorEvents = counter("yard_sensor_events_total");
  const fires = counter("yard_task_fires_total");
  const misfires = counter("yard_misfires_total");
  const schedulerLag = histogram("yard_scheduler_lag_seconds");
  const trackerPolls = counter("yard_tracker_polls_total");
  const trackerChanges = counter("yard_tracker_changes_total");
  const decisionsMade = counter("yard_decisions_total");
  const decided = (decisions: Decided): void => {
    for (const { status } of decisions) decisionsMade.inc({ outcome: status });
  };
  const runTimes = histogram("yard_run_duration_seconds");
  const pickups = histogram("yard_run_pickup_seconds");
  /** Tens of thousands a second: plain numbers, read at the scrape. */
  const attempts = new Map<string, Map<string, number>>();
  counter("yard_attempts_total", (metric) => {
    for (const [runner, statuses] of attempts)
      for (const [status, count] of statuses) metric.inc({ runner, status }, count);
  });
  const reconnects = counter("yard_db_reconnects_total");
  const deletions = counter("yard_retention_deleted_total");
  const nodes = nodeMetrics(register);
  let rendering: Promise<string> | undefined;

  return {
    contentType: registry.contentType,
    render() {
      rendering ??= registry.metrics().finally(() => {
        rendering = undefined;
      });
      return rendering;
    },
    readFrom: (sources) => sourceMetrics(register, sources),
    request({ method, route = "(unmatched)", status, durationMs }) {
      requests.inc({ method, route, status: `${Math.floor(status / 100)}xx` });
      requestTimes.observe({ route }, durationMs / 1_000);
    },
    flush(units, tookMs) {
      flushUnits.observe(units);
      flushTimes.observe(tookMs / 1_000);
    },
    runEnded({ status, tookMs, pickedUpMs }) {
      runTimes.observe({ status }, tookMs / 1_000);
      if (pickedUpMs !== undefined) pickups.observe(pickedUpMs / 1_000);
    },
    attempt(runner, status) {
      const statuses = attempts.get(runner) ?? new Map<string, number>();
      attempts.set(runner, statuses);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    },
    webhook: (kind = "(unknown)", outcome) => webhooks.inc({ kind, outcome }),
    reconnected: () => reconnects.inc(),
    deleted: (what, rows) => deletions.inc({ what }, rows),
    event(channel, decisions) {
      events.inc({ channel });
      decided(decisions);
    },
    taskFired({ kind, coalesced = 0, count = 0 }, lagMs, policy) {
      fires.inc({ kind });
      if (coalesced + count > 0) misfires.inc({ policy }, coalesced + count);
      schedulerLag.observe(lagMs / 1_000);
    },
    sensorLines: (outcome, lines) => sensorEvents.inc({ outcome }, lines),
    trackerPoll: (kind, outcome) => trackerPolls.inc({ kind, outcome }),
    trackerChanges: (kind, verdict, changes) => trackerChanges.inc({ kind, verdict }, changes),
    decided,
    nodes,
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
    close: stop,
  };
}
