import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startYardClient } from "../src/nodes/hub/yard-client.fixture.ts";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { type CollectedSpan, type FakeCollector, startCollector } from "./collector.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-7";
const SECRET = "forge-secret-of-this-test";
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const SENDER = "00f067aa0ba902b7";
const SAMPLED = `00-${TRACE_ID}-${SENDER}-01`;
const UNSAMPLED = `00-${TRACE_ID}-${SENDER}-00`;

const PACK = {
  "pack.yaml": "pack: t\nversion: 1.0.0\n",
  "actions/say.yaml": "action: t.say\nrunner: process\nscript: echo $TRACEPARENT\nstdout: text\n",
  "actions/far.yaml":
    "action: t.far\nrunner: process\nscript: echo far\nstdout: text\non: { node: lab }\n",
  "workflows/inner.yaml":
    "workflow: t.inner\nsteps: [{ id: say, uses: t.say }]\noutput: { said: '${{ steps.say.output }}' }\n",
  "workflows/outer.yaml":
    "workflow: t.outer\nsteps: [{ id: say, uses: t.say }, { id: sub, uses: t.inner }]\noutput: { said: '${{ steps.say.output }}', sub: '${{ steps.sub.output.said }}' }\n",
  "workflows/bad.yaml": `workflow: t.bad
steps:
  - { id: each, for_each: "[1, 2]", uses: core.noop, undo: { uses: core.noop } }
  - { id: bad, uses: core.fail, with: { message: not-to-be-exported }, retry: { attempts: 2, delay: 50ms } }
`,
  "rules/push.yaml": "rule: t.push\non: gitea.push\nrun: t.outer\n",
  "rules/never.yaml": "rule: t.never\non: gitea.push\nif: event.data.n == 9\nrun: t.outer\n",
  "rules/after.yaml":
    "rule: t.after\non: yard.run.finished\nif: event.data.ref == 't.outer'\nrun: core.noop\n",
};

const folder = mkdtempSync(join(tmpdir(), "yard-traces-"));
let db: TestDatabase;

beforeAll(async () => {
  for (const [path, text] of Object.entries(PACK)) {
    const file = join(folder, "packs/t", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  db = await createTestDatabase();
});
afterAll(async () => {
  await db.drop();
  rmSync(folder, { recursive: true });
});

interface Traced {
  readonly server: Server;
  readonly collector: FakeCollector;
  /** The server has stopped: all that it had of this trace. */
  ended(traceId: string): Promise<readonly CollectedSpan[]>;
}

let started = 0;

async function start(env: Record<string, string> = {}): Promise<Traced> {
  const collector = await startCollector();
  onTestFinished(collector.close);
  const settings = readSettings(
    ["--packs", "packs"],
    {
      ...{ DATABASE_URL: db.url, YARD_DATA: join(folder, String(started++)), YARD_PORT: "0" },
      ...{ YARD_ADMIN_TOKEN: ADMIN, YARD_MASTER_KEY: "a".repeat(64) },
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...env,
    },
    folder,
  );
  const log = createLogger({ level: "error", write: () => undefined });
  const server = await startServer(settings, log);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= server.close();
    return closed;
  };
  onTestFinished(close);
  return {
    ...{ server, collector },
    async ended(traceId) {
      await close();
      return collector.spans.filter((span) => span.traceId === traceId);
    },
  };
}

async function ask(
  { server }: Traced,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${server.api?.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...{ authorization: `Bearer ${ADMIN}`, "content-type": "application/json" },
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return path === "/metrics" ? text : JSON.parse(text);
}

const run = (traced: Traced, ref: string, headers: Record<string, string> = {}) =>
  ask(traced, "/v1/runs", { ref, input: {} }, { prefer: "wait=20", ...headers });

const traceOf = (traceparent: string): string => traceparent.slice(3, 35);

/** Not of the event of its end, to which a rule listens. */
const isOfRun = ({ name }: CollectedSpan): boolean => name !== "yard.run.finished";

function one(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const named = spans.filter((span) => span.name === name);
  expect(named.map(({ name }) => name)).toEqual([name]);
  return named[0] as CollectedSpan;
}

it("makes one trace of a webhook, its event, the run of its rule, its steps, the runs that they are, and what comes of the end", async () => {
  const traced = await start();
  await ask(traced, "/v1/sources", { name: "forge", kind: "gitea", secret: SECRET });
  const body = { n: 1 };
  const signature = createHmac("sha256", SECRET).update(JSON.stringify(body)).digest("hex");
  const { event_id } = await ask(traced, "/webhook/forge", body, {
    ...{ "x-gitea-event": "push", "x-gitea-signature": signature },
    traceparent: SAMPLED,
  });
  const ended = async (ref: string) => {
    const [found] = await ask(traced, `/v1/runs?trace=${TRACE_ID}&ref=${ref}&status=success`);
    return found;
  };
  await expect.poll(() => ended("core.noop")).toBeDefined();
  const outer = await ended("t.outer");
  // By the rule on the webhook, and by that on the end of its run.
  const metrics: string = await ask(traced, "/metrics");
  expect(metrics).toContain('yard_decisions_total{outcome="matched"} 2');
  expect(metrics).toMatch(/^yard_events_total\{channel="own"\} [1-9]/m);

  const spans = await traced.ended(TRACE_ID);
  const ids = new Set([SENDER, ...spans.map(({ spanId }) => spanId)]);
  expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ""))).toEqual([]);
  const event = one(spans, "gitea.push");
  const run = one(spans, "t.outer");
  const attempts = spans.filter(({ attributes }) => attributes["yard.run.id"] === outer.id);
  expect(attempts.map(({ name }) => name).toSorted()).toEqual(["say", "sub", "t.outer"]);
  const say = one(attempts, "say");
  const sub = one(attempts, "sub");
  const inner = one(spans, "t.inner");
  const innerSay = spans.find(({ parentSpanId }) => parentSpanId === inner.spanId);
  const after = one(spans, "core.noop");
  const told = spans.find(({ spanId }) => spanId === after.parentSpanId) as CollectedSpan;
  expect(told.name).toBe("yard.run.finished");
  expect(
    [event, run, say, sub, inner, told, after].map(({ parentSpanId }) => parentSpanId),
  ).toEqual([SENDER, event.spanId, run.spanId, run.spanId, sub.spanId, run.spanId, told.spanId]);
  // What the processes got leads below the attempts that they were.
  expect(outer.output).toEqual({
    said: `00-${TRACE_ID}-${say.spanId}-01`,
    sub: `00-${TRACE_ID}-${innerSay?.spanId}-01`,
  });
  expect(event).toMatchObject({
    kind: 5,
    attributes: { "cloudevents.event_id": event_id ?? outer.event_id },
    events: expect.arrayContaining([expect.objectContaining({ name: "yard.decision" })]),
  });
  expect(event.events).toHaveLength(2);
  expect(run.attributes).toMatchObject({ "yard.rule": "t.push", "yard.status": "success" });
  expect(say.attributes).toMatchObject({
    ...{ "yard.step": "say", "yard.attempt": 1, "yard.action": "t.say", "yard.runner": "process" },
    ...{ "yard.worker": expect.any(String), "yard.queue_wait_ms": expect.any(Number) },
  });
  expect(sub.attributes["yard.child_run.id"]).toBe(inner.attributes["yard.run.id"]);
});

it("shows each try, item and undo of a run that failed, with codes and without messages, below a root of its own", async () => {
  const traced = await start();
  const bad = await run(traced, "t.bad");
  expect(bad.status).toBe("failed");
  const spans = (await traced.ended(traceOf(bad.traceparent))).filter(isOfRun);
  const root = one(spans, "t.bad");
  expect(root).not.toHaveProperty("parentSpanId");
  expect(root).toMatchObject({ status: { code: 2 }, attributes: { "yard.status": "failed" } });
  const rest = spans.filter((span) => span !== root);
  expect(new Set(rest.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root.spanId]));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(7);
  const shown = rest.map(({ attributes: of }) => [of["yard.slot"], of["yard.attempt"]]);
  expect(shown.toSorted()).toEqual([
    ["bad", 1],
    ["bad", 2],
    ["each#0", 1],
    ["each#0~undo", 1],
    ["each#1", 1],
    ["each#1~undo", 1],
  ]);
  const [first, second] = rest.filter(({ name }) => name === "bad");
  expect(first).toMatchObject({
    status: { code: 2 },
    attributes: { "error.type": "action_failed" },
  });
  expect(second?.attributes["yard.queue_wait_ms"]).toBeGreaterThan(0);
  expect(traced.collector.requests.map(({ body }) => body).join()).not.toContain("not-to-be");
});

it("names the node that had an attempt, and hands the node the attempt's span", async () => {
  const traced = await start();
  const { token } = await ask(traced, "/v1/nodes", { name: "lab", client: "base" });
  const hub = `${traced.server.api?.url.replace("http", "ws")}/ws/nodes`;
  const client = await startYardClient(hub, { name: "lab", token });
  client.send({ type: "task_ready", slots: 2 });
  const far = run(traced, "t.far");
  const offer = await client.next("task_offer");
  const { id, lease_id } = offer;
  client.send({ type: "task_accept", id });
  const data = Buffer.from("far\n").toString("base64");
  client.send({ type: "task_log", lease_id, seq: 1, stream: "stdout", data });
  client.send({
    ...{ type: "task_result", lease_id, fence: 1, status: "succeeded", exit_code: 0 },
    ...{ duration_ms: 5, stdout_bytes: 4, stderr_bytes: 0, files: [] },
  });
  const { traceparent, status } = await far;
  expect(status).toBe("success");
  const spans = await traced.ended(traceOf(traceparent));
  const attempt = spans.find(({ attributes }) => attributes["yard.node"] === "lab");
  expect(attempt?.attributes["yard.action"]).toBe("t.far");
  expect(JSON.stringify(offer)).toContain(`${traceOf(traceparent)}-${attempt?.spanId}-01`);
});

it("exports nothing of a trace that its sender does not sample, and says so to what it starts", async () => {
  const traced = await start();
  const unsampled = await run(traced, "t.say", { traceparent: UNSAMPLED });
  expect(unsampled.output).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
  const sampled = await run(traced, "t.say", { traceparent: SAMPLED });
  const spans = (await traced.ended(TRACE_ID)).filter(isOfRun);
  const runs = spans.map(({ attributes }) => attributes["yard.run.id"]);
  expect(new Set(runs)).toEqual(new Set([sampled.id]));
  expect(spans.find(({ name }) => name === "t.say")?.parentSpanId).toBe(SENDER);
});

it("counts what the collector has taken, and finishes runs as ever while there is none", async () => {
  const traced = await start();
  traced.collector.leave();
  const all = Array.from({ length: 300 }, () => run(traced, "core.noop"));
  const runs = await Promise.all(all);
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["success"]));
  const { collector } = traced;
  collector.comeBack();
  const ids = new Set(runs.map(({ id }) => id));
  await collector.until(() => {
    const theirs = collector.spans.filter(({ attributes }) => ids.has(attributes["yard.run.id"]));
    return theirs.length === 600;
  });
  const counted = async () => {
    const metrics: string = await ask(traced, "/metrics");
    return Number(/^yard_spans_exported_total (\d+)$/m.exec(metrics)?.[1]);
  };
  await expect.poll(counted).toBeGreaterThanOrEqual(600);
  expect(await ask(traced, "/metrics")).toContain('yard_spans_dropped_total{reason="full"} 0');
});

it("hands a trace on as it is where none are collected", async () => {
  const traced = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: "" });
  expect((await run(traced, "t.say", { traceparent: SAMPLED })).output).toBe(SAMPLED);
  expect(await ask(traced, "/metrics")).toContain("yard_spans_exported_total 0");
  await traced.ended(TRACE_ID);
  expect(traced.collector.requests).toEqual([]);
});
