/** One metric as it is documented and made. Every label says what bounds it: none may grow with use. */
export interface MetricKind {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Label → what it holds, and what bounds it. */
  readonly labels: { readonly [label: string]: string };
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

/** Queues that have a label of their own; the rest are summed under `(others)`. */
export const MAX_QUEUE_LABELS = 200;

const STATUS = "success, failed, timed_out, canceled";
const QUEUE = `name of a queue of an active pack; (none) for work in no queue; beyond ${MAX_QUEUE_LABELS} queues the smallest are summed under (others)`;
const ROUTE = "path of the route as /openapi.json has it; (unmatched) for paths that there are not";

/** Every metric of `/metrics`. Counters and histograms speak of the process that is asked, gauges of queues and the feed of the whole installation. */
export const METRICS = {
  yard_build_info: {
    type: "gauge",
    help: "Always 1; its labels say what runs.",
    labels: { version: "version of Yardmaster", node: "version of Node.js" },
  },
  yard_runs_started_total: {
    type: "counter",
    help: "Runs made durable by this process.",
    labels: {},
  },
  yard_runs_finished_total: {
    type: "counter",
    help: "Runs whose end this process made durable.",
    labels: { status: STATUS },
  },
  yard_run_duration_seconds: {
    type: "histogram",
    help: "Time of a run from its birth to its end, waiting included, of runs whose end this process made durable.",
    labels: { status: STATUS },
    buckets: [0.01, 0.1, 1, 10, 60, 600, 3_600, 86_400],
  },
  yard_run_pickup_seconds: {
    type: "histogram",
    help: "Time from the birth of a run to the start of its first attempt, of runs whose end this process made durable.",
    labels: {},
    buckets: [0.005, 0.01, 0.025, 0.1, 0.5, 1, 10, 60, 600, 3_600],
  },
  yard_attempts_total: {
    type: "counter",
    help: "Attempts carried out by the worker of this process, ended.",
    labels: { runner: "kinds of runners: core, process, http, log, …", status: STATUS },
  },
  yard_attempts_lost_total: {
    type: "counter",
    help: "Attempts that this process gave up for lost: their worker had died.",
    labels: {},
  },
  yard_queue_attempts: {
    type: "gauge",
    help: "Attempts in a queue, over the whole installation.",
    labels: { queue: QUEUE, state: "ready, delayed, leased" },
  },
  yard_queue_oldest_ready_seconds: {
    type: "gauge",
    help: "How long the attempt of a queue that could start for longest has waited for a worker or a limit, over the whole installation; 0 where none does.",
    labels: { queue: QUEUE },
  },
  yard_workers: {
    type: "gauge",
    help: "Living processes that carry out work, over the whole installation.",
    labels: {},
  },
  yard_schedulers: {
    type: "gauge",
    help: "Living processes that start what is due and give out again what is lost, over the whole installation.",
    labels: {},
  },
  yard_flush_units: {
    type: "histogram",
    help: "State writes that one commit took to the disk together.",
    labels: {},
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
  },
  yard_flush_duration_seconds: {
    type: "histogram",
    help: "Time of one commit, from its first statement to PostgreSQL's answer.",
    labels: {},
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  },
  yard_feed_lag_seconds: {
    type: "gauge",
    help: "Age of the oldest change that readers of the feed cannot see yet; it grows while a transaction of this database stays open.",
    labels: {},
  },
  yard_webhooks_total: {
    type: "counter",
    help: "Webhooks received.",
    labels: {
      kind: "kind of the source: gitea, github, …; (unknown) where there is no such source",
      outcome: "accepted, duplicate, or the error code of the refusal",
    },
  },
  yard_events_total: {
    type: "counter",
    help: "Events made durable.",
    labels: {
      channel:
        "webhook, api, sensor, schedule, tracker; own for Yardmaster's: the end of a run, a change of a node",
    },
  },
  yard_sensor_events_total: {
    type: "counter",
    help: "Lines that the sensors of this process have sent.",
    labels: { outcome: "stored (as an event), refused (no event; the sensor's log says why)" },
  },
  yard_sensors: {
    type: "gauge",
    help: "Sensors that a worker has had to do with, over the whole installation.",
    labels: { status: "starting, running, backoff, stopped" },
  },
  yard_work_items: {
    type: "gauge",
    help: "Work items that are not over, over the whole installation.",
    labels: { status: "ready and held (both queued), in_progress, waiting, blocked" },
  },
  yard_task_fires_total: {
    type: "counter",
    help: "Tasks that this process has found due.",
    labels: {
      kind: "due (a run was asked for), missed (some were missed, and none is made up for)",
    },
  },
  yard_misfires_total: {
    type: "counter",
    help: "Fires of tasks that nobody was there for, and that have no run of their own.",
    labels: { policy: "run_once (folded into one run), skip, run_all (beyond the catchup_limit)" },
  },
  yard_tracker_polls_total: {
    type: "counter",
    help: "Projects of trackers that this process has asked for changes.",
    labels: {
      kind: "gitea, forgejo, github",
      outcome: "changed, unchanged, unknown (it could not be read)",
    },
  },
  yard_tracker_changes_total: {
    type: "counter",
    help: "Changes of issues that were seen by asking.",
    labels: {
      kind: "gitea, forgejo, github",
      verdict: "heard (a webhook had told it), lost (none had: it was brought in)",
    },
  },
  yard_scheduler_lag_seconds: {
    type: "histogram",
    help: "How late tasks were fired, those of the time when nobody was there included.",
    labels: {},
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600],
  },
  yard_decisions_total: {
    type: "counter",
    help: "Judgements of events by rules, those of replays among them.",
    labels: { outcome: "matched, not_matched, held, error" },
  },
  yard_http_requests_total: {
    type: "counter",
    help: "Requests answered.",
    labels: {
      method: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS; (other)",
      route: ROUTE,
      status: "2xx, 3xx, 4xx, 5xx",
    },
  },
  yard_http_request_duration_seconds: {
    type: "histogram",
    help: "Time from a request's arrival to the last byte of its answer. Streams and held requests count in full.",
    labels: { route: ROUTE },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 60],
  },
  yard_node_links: {
    type: "gauge",
    help: "Nodes whose links this process holds.",
    labels: { state: "connected, reconnecting, draining" },
  },
  yard_node_handshakes_total: {
    type: "counter",
    help: "Sockets that came to /ws/nodes, by what became of them.",
    labels: { outcome: "admitted, or the reason of the refusal: invalid_token, revoked, …" },
  },
  yard_node_links_closed_total: {
    type: "counter",
    help: "Links of nodes that ended.",
    labels: { code: "close code: 1000, 1006, 4006, 4007, …" },
  },
  yard_node_calls_total: {
    type: "counter",
    help: "Calls to nodes, ended.",
    labels: {
      kind: "exec, read, write, reset",
      outcome: "ok, error, timeout, canceled, or an error code",
    },
  },
  yard_node_call_duration_seconds: {
    type: "histogram",
    help: "Time of a call, from its request to its end.",
    labels: { kind: "exec, read, write, reset" },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 10, 60, 600],
  },
  yard_node_late_frames_total: {
    type: "counter",
    help: "Results and output of nodes that came after their call was over.",
    labels: {},
  },
  yard_node_bad_frames_total: {
    type: "counter",
    help: "Messages of nodes that were not as they must be.",
    labels: { why: "the flaw: bad_json, bad_shape, unknown_type, …" },
  },
  yard_spans_exported_total: {
    type: "counter",
    help: "Spans of traces that the collector has taken from this process.",
    labels: {},
  },
  yard_spans_dropped_total: {
    type: "counter",
    help: "Spans of traces that were lost.",
    labels: {
      reason:
        "full (more than are kept for a collector that is slow or away), refused (by the collector), stopped (the server stopped first)",
    },
  },
  yard_db_pool_connections: {
    type: "gauge",
    help: "Connections of the pool to PostgreSQL, and requests that wait for one.",
    labels: { state: "open, idle, waiting" },
  },
  yard_db_reconnects_total: {
    type: "counter",
    help: "Times that this process lost PostgreSQL and found it again.",
    labels: {},
  },
  yard_retention_deleted_total: {
    type: "counter",
    help: "Rows that this process deleted because they are kept no longer.",
    labels: { what: "logs, deliveries, runs, decisions, events, audit, changes, …" },
  },
  yard_event_loop_lag_seconds: {
    type: "gauge",
    help: "How late the event loop was, since the last time it was asked (ten minutes at most).",
    labels: { quantile: "0.5, 0.99, 1" },
  },
  yard_scrape_errors_total: {
    type: "counter",
    help: "Times that a part of /metrics could not be read; its gauges were left out.",
    labels: { part: "queues, workers, sensors, work, feed" },
  },
  process_cpu_seconds_total: {
    type: "counter",
    help: "Processor time of this process, user and system.",
    labels: {},
  },
  process_resident_memory_bytes: {
    type: "gauge",
    help: "Resident memory of this process.",
    labels: {},
  },
  nodejs_heap_used_bytes: {
    type: "gauge",
    help: "JavaScript heap in use.",
    labels: {},
  },
  process_start_time_seconds: {
    type: "gauge",
    help: "When this process started, in Unix seconds.",
    labels: {},
  },
} as const satisfies { readonly [name: string]: MetricKind };

export type MetricName = keyof typeof METRICS;
