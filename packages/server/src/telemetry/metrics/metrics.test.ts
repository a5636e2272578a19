import { expect, it, onTestFinished } from "vitest";
import { serveRoutes } from "../../../test/http.ts";
import type { Route } from "../../http/index.ts";
import { METRICS } from "./catalog.ts";
import { metricsRoute } from "./metrics.routes.ts";
import { createMetrics, type MetricSources } from "./metrics.ts";
import { boundedQueues } from "./sources.ts";

const depth = (queue: string, ready: number) => ({
  ...{ queue, ready, delayed: 0, leased: 1 },
  waitedMs: ready === 0 ? null : ready * 1_000,
});

const SOURCES: MetricSources = {
  counters: { runsStarted: 3, runsFinished: { success: 2, failed: 1 }, attemptsLost: 4 },
  queueDepths: async () => [depth("", 5), depth("deploy", 7)],
  sessions: async () => [
    { roles: ["api", "worker"] },
    { roles: ["worker"] },
    { roles: ["api", "scheduler"] },
  ],
  feedLagMs: async () => 1_500,
  sensorStatuses: async () => new Map([["running", 2]]),
  workItems: async () => [
    { status: "queued", ready: true, count: 3 },
    { status: "queued", ready: false, count: 4 },
    { status: "in_progress", ready: false, count: 1 },
  ],
  pool: { totalCount: 4, idleCount: 3, waitingCount: 0 },
};

function setup(sources: MetricSources = SOURCES) {
  const metrics = createMetrics({ version: "1.2.3" });
  onTestFinished(metrics.close);
  metrics.readFrom(sources);
  return metrics;
}

it("has every metric of the catalog, and none beside", () => {
  expect(setup().names().toSorted()).toEqual(Object.keys(METRICS).toSorted());
});

it("tells what the engine has counted, what waits and what runs", async () => {
  const metrics = setup();
  metrics.attempt("core", "success");
  metrics.attempt("core", "success");
  metrics.attempt("http", "timed_out");
  metrics.runEnded({ status: "success", tookMs: 500, pickedUpMs: 8 });
  metrics.flush(12, 3);
  metrics.webhook("gitea", "accepted");
  metrics.webhook(undefined, "unknown_source");
  metrics.reconnected();
  metrics.deleted("runs", 40);
  metrics.deleted("runs", 2);
  metrics.event("webhook", [{ status: "matched" }, { status: "held" }]);
  metrics.decided([{ status: "held" }]);
  metrics.sensorLines("stored", 3);
  metrics.taskFired({ kind: "due", coalesced: 4 }, 700, "run_once");
  const lines = (await metrics.render()).split("\n");
  for (const line of [
    "yard_runs_started_total 3",
    'yard_sensors{status="running"} 2',
    'yard_sensors{status="stopped"} 0',
    'yard_work_items{status="ready"} 3',
    'yard_work_items{status="held"} 4',
    'yard_work_items{status="blocked"} 0',
    'yard_sensor_events_total{outcome="stored"} 3',
    'yard_task_fires_total{kind="due"} 1',
    'yard_misfires_total{policy="run_once"} 4',
    'yard_scheduler_lag_seconds_bucket{le="1"} 1',
    'yard_runs_finished_total{status="success"} 2',
    'yard_attempts_total{runner="core",status="success"} 2',
    'yard_attempts_total{runner="http",status="timed_out"} 1',
    'yard_run_duration_seconds_bucket{le="1",status="success"} 1',
    'yard_run_duration_seconds_bucket{le="0.1",status="success"} 0',
    'yard_run_pickup_seconds_bucket{le="0.01"} 1',
    'yard_run_pickup_seconds_bucket{le="0.005"} 0',
    "yard_attempts_lost_total 4",
    'yard_queue_attempts{queue="(none)",state="ready"} 5',
    'yard_queue_attempts{queue="deploy",state="leased"} 1',
    'yard_queue_oldest_ready_seconds{queue="deploy"} 7',
    "yard_db_reconnects_total 1",
    'yard_retention_deleted_total{what="runs"} 42',
    "yard_workers 2",
    "yard_schedulers 1",
    "yard_feed_lag_seconds 1.5",
    'yard_flush_units_bucket{le="20"} 1',
    'yard_flush_units_bucket{le="10"} 0',
    'yard_flush_duration_seconds_bucket{le="0.005"} 1',
    'yard_webhooks_total{kind="gitea",outcome="accepted"} 1',
    'yard_webhooks_total{kind="(unknown)",outcome="unknown_source"} 1',
    'yard_events_total{channel="webhook"} 1',
    'yard_decisions_total{outcome="held"} 2',
    'yard_db_pool_connections{state="idle"} 3',
    `yard_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  ])
    expect(lines).toContain(line);
  expect(lines).toContainEqual(
    expect.stringMatching(/^yard_event_loop_lag_seconds\{quantile="0.99"\} \d/),
  );
  // A second scrape counts nothing twice.
  expect((await metrics.render()).split("\n")).toContain("yard_runs_started_total 3");
});

it("tells how nodes came, what they carry and how they went", async () => {
  const { nodes, render } = setup();
  nodes.readLinks(() => [{ status: "connected" }, { status: "connected" }, { status: "draining" }]);
  nodes.handshake("admitted");
  nodes.closed(4006);
  nodes.call("exec", "ok", 3);
  nodes.late();
  nodes.badFrame("bad_json");
  const lines = (await render()).split("\n");
  for (const line of [
    'yard_node_links{state="connected"} 2',
    'yard_node_links{state="reconnecting"} 0',
    'yard_node_handshakes_total{outcome="admitted"} 1',
    'yard_node_links_closed_total{code="4006"} 1',
    'yard_node_calls_total{kind="exec",outcome="ok"} 1',
    'yard_node_call_duration_seconds_bucket{le="0.005",kind="exec"} 1',
    "yard_node_late_frames_total 1",
    'yard_node_bad_frames_total{why="bad_json"} 1',
  ])
    expect(lines).toContain(line);
});

it("answers without what PostgreSQL would have to say while it is away, and counts that", async () => {
  const away = async () => Promise.reject(new Error("away"));
  const metrics = setup({ ...SOURCES, queueDepths: away, feedLagMs: away });
  await metrics.render();
  const text = await metrics.render();
  expect(text).toContain('yard_scrape_errors_total{part="queues"}');
  expect(text).not.toContain("yard_queue_attempts{");
  expect(text).not.toMatch(/^yard_feed_lag_seconds /m);
  expect(text).toContain("yard_workers 2");
});

it("does not count what the scrape itself asks PostgreSQL", async () => {
  const pool = { totalCount: 1, idleCount: 1, waitingCount: 0 };
  const queueDepths = async (): Promise<[]> => {
    pool.waitingCount++;
    return [];
  };
  const metrics = setup({ ...SOURCES, pool, queueDepths });
  expect(await metrics.render()).toContain('yard_db_pool_connections{state="waiting"} 0');
});

it("gives a label of their own to so many queues and no more", () => {
  const depths = Array.from({ length: 250 }, (_, i) => depth(`q${i}`, i));
  const bounded = boundedQueues([depth("", 1), ...depths]);
  expect(bounded).toHaveLength(202);
  expect(bounded[0]).toMatchObject({ queue: "(none)", ready: 1 });
  expect(bounded[1]).toMatchObject({ queue: "q249" });
  expect(bounded.at(-1)).toEqual({
    queue: "(others)",
    ready: 1_225,
    delayed: 0,
    leased: 50,
    waitedMs: 49_000,
  });
});

const one: Route = {
  method: "GET",
  path: "/v1/things/{id}",
  summary: "One.",
  scope: "runs:read",
  responses: { 200: { description: "One" } },
  handler: () => ({ body: {} }),
};

it("counts requests by the route's pattern and the class of the status, whatever is asked for", async () => {
  const metrics = setup();
  const schema = { ...one, path: "/schemas/{kind}.json" };
  const { http } = serveRoutes([one, schema], { onAnswered: metrics.request });
  for (let i = 0; i < 30; i++) await http.inject({ url: `/v1/things/${i}` });
  await http.inject({ url: "/schemas/rule.json" });
  for (let i = 0; i < 30; i++) await http.inject({ url: `/astray/${i}` });
  await http.inject({ url: "/v1/things/1", method: "DELETE" });
  const lines = (await metrics.render())
    .split("\n")
    .filter((line) => line.startsWith("yard_http_requests_total"));
  expect(lines.toSorted()).toEqual([
    'yard_http_requests_total{method="DELETE",route="(unmatched)",status="4xx"} 1',
    'yard_http_requests_total{method="GET",route="(unmatched)",status="4xx"} 30',
    'yard_http_requests_total{method="GET",route="/schemas/{kind}.json",status="2xx"} 1',
    'yard_http_requests_total{method="GET",route="/v1/things/{id}",status="2xx"} 30',
  ]);
});

it("is open from this machine, and needs metrics:read from elsewhere and through a proxy", async () => {
  const nobody = serveRoutes([metricsRoute(setup())], { authenticate: () => undefined }).http;
  const ask = (http: typeof nobody, remoteAddress: string, headers = {}) =>
    http.inject({ url: "/metrics", remoteAddress, headers });
  const open = await ask(nobody, "127.0.0.1");
  expect(open.statusCode).toBe(200);
  expect(open.headers["content-type"]).toMatch(/^text\/plain; version=0.0.4/);
  expect((await ask(nobody, "::ffff:127.0.0.1")).statusCode).toBe(200);
  expect((await ask(nobody, "192.0.2.1")).statusCode).toBe(401);
  for (const header of ["x-forwarded-for", "forwarded", "x-real-ip"])
    expect((await ask(nobody, "127.0.0.1", { [header]: "192.0.2.1" })).statusCode).toBe(401);
  // The page of a stranger in a browser on this machine, by a name that leads here.
  for (const host of ["evil.test:4400", "127.0.0.1.evil.test", "localhost.evil.test:4400"])
    expect((await ask(nobody, "127.0.0.1", { host })).statusCode).toBe(401);
  for (const host of ["127.0.0.1:4400", "localhost", "[::1]:4400"])
    expect((await ask(nobody, "::1", { host })).statusCode).toBe(200);
  const principal = (scope: "metrics:read" | "runs:read") => ({
    authenticate: () => ({ tokenId: "t", name: "prom", scopes: [scope] }),
  });
  const wrong = serveRoutes([metricsRoute(setup())], principal("runs:read")).http;
  const refused = await ask(wrong, "192.0.2.1");
  expect(refused.statusCode).toBe(403);
  expect(refused.json()).toMatchObject({ errors: [{ expected: "metrics:read" }] });
  const right = serveRoutes([metricsRoute(setup())], principal("metrics:read")).http;
  expect((await ask(right, "192.0.2.1")).statusCode).toBe(200);
});
