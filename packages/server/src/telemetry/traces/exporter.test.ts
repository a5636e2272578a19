import { expect, it, onTestFinished } from "vitest";
import { type Answering, startCollector } from "../../../test/collector.ts";
import type { Span } from "../../engine/index.ts";
import { createCollector } from "./collector.ts";
import { createExporter, type ExporterOptions } from "./exporter.ts";
import { exportRequest } from "./otlp.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const span = (n: number): Span => ({
  traceId: TRACE,
  spanId: String(n).padStart(16, "0"),
  name: `span ${n}`,
  kind: "internal",
  startMs: 1_700_000_000_123,
  endMs: 1_700_000_000_456,
  attributes: { "yard.attempt": n },
  isError: false,
});
const spans = (from: number, to: number): Span[] =>
  Array.from({ length: to - from + 1 }, (_, i) => span(from + i));
const named = (from: number, to: number): string[] => spans(from, to).map(({ name }) => name);

function exporting(url: string, options: Partial<ExporterOptions> = {}) {
  const lines: object[] = [];
  const write = (details: object, message: string) => void lines.push({ ...details, message });
  const exporter = createExporter(
    {
      send: createCollector({
        ...{ url: `${url}/v1/traces`, timeoutMs: 300, now: Date.now },
        headers: { authorization: "Bearer a-key-which-nobody-may-see" },
      }),
      encode: (some) => exportRequest({ serviceName: "yard", version: "1.2.3" }, some),
      random: () => 0,
      log: { warn: write, info: write },
    },
    { batch: 2, lingerMs: 10, most: 8, ...options },
  );
  onTestFinished(() => exporter.close(0));
  return { ...exporter, lines };
}

async function collecting(answer?: Answering) {
  const collector = await startCollector(answer);
  onTestFinished(collector.close);
  return collector;
}

it("speaks OTLP in JSON: ids in hexadecimal, nanoseconds as text, numbers as text, kinds and statuses as numbers", async () => {
  const collector = await collecting();
  const { take, counters } = exporting(collector.url);
  const events = [{ name: "yard.decision", atMs: 1_700_000_000_200, attributes: { rule: "a.b" } }];
  const parentId = "00f067aa0ba902b7";
  take([{ ...span(7), kind: "consumer", isError: true, parentId, events }]);
  await collector.has(1);
  const [request] = collector.requests;
  expect(request?.path).toBe("/v1/traces");
  expect(request?.headers).toMatchObject({
    "content-type": "application/json",
    authorization: "Bearer a-key-which-nobody-may-see",
  });
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  expect(JSON.parse(request?.body ?? "")).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "yard"), text("service.version", "1.2.3")] },
        scopeSpans: [
          {
            scope: { name: "yardmaster", version: "1.2.3" },
            spans: [
              {
                ...{ traceId: TRACE, spanId: "0000000000000007", parentSpanId: parentId },
                ...{ name: "span 7", kind: 5, status: { code: 2 } },
                startTimeUnixNano: "1700000000123000000",
                endTimeUnixNano: "1700000000456000000",
                attributes: [{ key: "yard.attempt", value: { intValue: "7" } }],
                events: [
                  {
                    timeUnixNano: "1700000000200000000",
                    name: "yard.decision",
                    attributes: [text("rule", "a.b")],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
  await expect.poll(() => counters.exported).toBe(1);
});

it("sends full requests at once, and fewer spans when they have waited", async () => {
  const collector = await collecting();
  const { take } = exporting(collector.url, { batch: 3, lingerMs: 20 });
  take(spans(1, 7));
  await collector.has(7);
  expect(collector.spans.map(({ name }) => name)).toEqual(named(1, 7));
  expect(collector.requests).toHaveLength(3);
});

it("keeps what a collector does not take now, and loses none of it: 503, then well", async () => {
  const collector = await collecting((nth, response) => {
    if (nth > 2) return 200;
    response.setHeader("retry-after", "0");
    return 503;
  });
  const { take, counters, lines } = exporting(collector.url);
  take(spans(1, 5));
  await collector.has(5);
  expect(collector.spans.map(({ name }) => name)).toEqual(named(1, 5));
  await expect
    .poll(() => counters)
    .toMatchObject({ exported: 5, dropped: { full: 0, refused: 0 } });
  expect(lines).toMatchObject([
    { message: expect.stringContaining("takes nothing now"), why: "it answered 503" },
    { message: expect.stringContaining("takes spans again") },
  ]);
  expect(JSON.stringify(lines)).not.toContain("a-key-which");
});

it("waits as long as it is asked to before it sends again", async () => {
  const cameAt: number[] = [];
  const collector = await collecting((nth, response) => {
    cameAt.push(performance.now());
    response.setHeader("retry-after", "1");
    return nth === 1 ? 429 : 200;
  });
  exporting(collector.url).take(spans(1, 2));
  await collector.has(2);
  expect((cameAt[1] ?? 0) - (cameAt[0] ?? 0)).toBeGreaterThan(950);
});

it("sends what has waited once a collector that was away is there", async () => {
  const collector = await collecting();
  collector.leave();
  const { take, lines } = exporting(collector.url);
  take(spans(1, 5));
  await expect.poll(() => lines).toMatchObject([{ why: "UND_ERR_SOCKET" }]);
  collector.comeBack();
  await collector.has(5);
  expect(collector.spans.map(({ name }) => name)).toEqual(named(1, 5));
});

it("makes nobody wait for a slow collector: beyond what is kept the newest are dropped, counted and told once", async () => {
  let open = (_: number): void => {};
  const opened = new Promise<number>((resolve) => {
    open = resolve;
  });
  const collector = await collecting((nth) => (nth === 1 ? opened : 200));
  // What it does not answer in time it gets again.
  const { take, counters, lines } = exporting(collector.url);
  take(spans(1, 2));
  await collector.came(1);
  take(spans(3, 20));
  take([span(21)]);
  expect(counters.dropped.full).toBe(13);
  await collector.has(8);
  expect(collector.spans.map(({ name }) => name)).toEqual(named(1, 8));
  open(503);
  expect(lines.filter((line) => JSON.stringify(line).includes("more wait"))).toHaveLength(1);
  expect(lines).toContainEqual(expect.objectContaining({ why: "it did not answer in time" }));
});

it("takes a page of HTML for no collector's word: what else stands at the address has kept nothing", async () => {
  const collector = await collecting((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    return 200;
  });
  const { take, counters, lines } = exporting(collector.url);
  take(spans(1, 2));
  await expect.poll(() => counters).toMatchObject({ exported: 0, dropped: { refused: 2 } });
  expect(lines).toMatchObject([{ why: expect.stringContaining("a page of HTML") }]);
});

it("drops and counts what is refused, whole or in part, and goes on", async () => {
  const partial = JSON.stringify({ partialSuccess: { rejectedSpans: "1", errorMessage: "old" } });
  const answers: Answering = (nth) =>
    nth === 1 ? 400 : nth === 2 ? { status: 200, body: partial } : 200;
  const collector = await collecting(answers);
  const { take, counters, lines } = exporting(collector.url);
  take(spans(1, 6));
  await expect.poll(() => counters).toMatchObject({ exported: 3, dropped: { refused: 3 } });
  expect(collector.requests).toHaveLength(3);
  expect(lines[0]).toMatchObject({ why: "it answered 400", spans: 2 });
});

it("does not take its headers to where a redirect leads", async () => {
  const other = await collecting();
  const collector = await collecting((_, response) => {
    response.setHeader("location", `${other.url}/v1/traces`);
    return 307;
  });
  const { take, counters } = exporting(collector.url);
  take(spans(1, 2));
  await expect.poll(() => counters.dropped.refused).toBe(2);
  expect(other.requests).toEqual([]);
});

it("sends what is left when it is closed, and does not wait for a collector that takes nothing", async () => {
  const collector = await collecting();
  const well = exporting(collector.url, { batch: 2, lingerMs: 60_000, most: 100 });
  well.take([span(1)]);
  await well.close(5_000);
  expect(collector.spans).toHaveLength(1);
  well.take([span(2)]);
  expect(well.counters).toMatchObject({ exported: 1, dropped: { stopped: 1 } });

  const silent = await collecting(() => new Promise<number>(() => undefined));
  const stuck = exporting(silent.url, { lingerMs: 60_000 });
  stuck.take([span(1)]);
  await stuck.close(50);
  expect(stuck.counters).toMatchObject({ exported: 0, dropped: { stopped: 1 } });
  expect(stuck.lines.at(-1)).toMatchObject({
    message: expect.stringContaining("the server stops"),
  });
});
