import type { Span, TakeSpans } from "../../engine/index.ts";
import type { Answer, Send } from "./collector.ts";
import { retryDelayMs } from "./retry-delay.ts";

export interface ExporterDeps {
  readonly send: Send;
  readonly encode: (spans: readonly Span[]) => string;
  readonly random: () => number;
  readonly log: TraceLog;
}

export interface TraceLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface ExporterOptions {
  /** Spans of one request; so many are sent at once. */
  readonly batch: number;
  /** Fewer wait so long for others. */
  readonly lingerMs: number;
  /** Spans that are kept for a collector that is slow or away, those on their way included. */
  readonly most: number;
}

/** As OpenTelemetry's own exporters have them, but for `most`: a run with a wide for_each ends with all its spans at once. */
export const EXPORTER_OPTIONS: ExporterOptions = { batch: 512, lingerMs: 5_000, most: 16_384 };

export interface Exporter {
  readonly take: TakeSpans;
  readonly counters: {
    readonly exported: number;
    readonly dropped: { readonly full: number; readonly refused: number; readonly stopped: number };
  };
  /** Sends what is left, for `graceMs` at most and while the collector takes it; the rest is dropped. */
  close(graceMs: number): Promise<void>;
}

/**
 * Hands spans to a collector, one request after the other, in the order in which they came. What it does not take now
 * is kept and sent again until it does; beyond `most` the newest are dropped, and counted.
 */
export function createExporter(deps: ExporterDeps, options: ExporterOptions): Exporter {
  const { batch, lingerMs, most } = options;
  const waiting: Span[] = [];
  const dropped = { full: 0, refused: 0, stopped: 0 };
  const counters = { exported: 0, dropped };
  const tell = teller(deps.log);
  const stop = new AbortController();
  let isClosing = false;
  /** Requests in a row that were not taken. */
  let failures = 0;
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function take(spans: readonly Span[]): void {
    const room = isClosing ? 0 : Math.max(0, most - waiting.length);
    for (let i = 0; i < spans.length && i < room; i++) waiting.push(spans[i] as Span);
    const over = Math.max(0, spans.length - room);
    dropped[isClosing ? "stopped" : "full"] += over;
    if (over > 0 && !isClosing) tell("full", { kept: most });
    if (waiting.length >= batch && failures === 0) begin();
    else sendIn(lingerMs);
  }

  function sendIn(ms: number): void {
    if (sending !== undefined || isClosing || waiting.length === 0) return;
    timer ??= setTimeout(begin, ms).unref();
  }

  function begin(): void {
    clearTimeout(timer);
    timer = undefined;
    sending ??= sendBatches().then((nextInMs) => {
      sending = undefined;
      sendIn(nextInMs);
    });
  }

  /** Resolves with the milliseconds after which it is to go on. */
  async function sendBatches(): Promise<number> {
    do {
      const spans = waiting.slice(0, batch);
      const answer = await deps.send(deps.encode(spans), stop.signal);
      if (answer.kind === "later") {
        failures++;
        tell("away", { why: answer.why });
        return retryDelayMs(failures, answer.afterMs, deps.random());
      }
      failures = 0;
      waiting.splice(0, spans.length);
      settle(answer, spans.length);
    } while (waiting.length >= batch || (isClosing && waiting.length > 0));
    return lingerMs;
  }

  function settle(answer: Exclude<Answer, { kind: "later" }>, count: number): void {
    const refused = answer.kind === "refused" ? count : Math.min(count, answer.rejected);
    counters.exported += count - refused;
    dropped.refused += refused;
    if (refused === 0) return tell("well", {});
    const why = answer.kind === "refused" ? answer.why : "it took the others";
    tell("refused", { why, spans: refused });
  }

  async function close(graceMs: number): Promise<void> {
    isClosing = true;
    clearTimeout(timer);
    const limit = setTimeout(() => stop.abort(), graceMs);
    await sending;
    if (waiting.length > 0 && !stop.signal.aborted) await sendBatches();
    clearTimeout(limit);
    if (waiting.length > 0) tell("stopped", { spans: waiting.length });
    dropped.stopped += waiting.length;
    waiting.length = 0;
  }

  return { take, counters, close };
}

const TROUBLES = {
  full: "spans of traces are dropped: more wait for the collector than are kept",
  away: "the collector of traces takes nothing now; spans are kept and sent again",
  refused: "the collector of traces refuses spans; they are dropped",
  stopped: "spans of traces are dropped: the server stops, and the collector did not take them",
} as const;

/** Each trouble is told once, until all is well again: a line for each request would help nobody. */
function teller(log: TraceLog): (what: keyof typeof TROUBLES | "well", details: object) => void {
  const told = new Set<string>();
  return (what, details) => {
    if (what === "well") {
      if (told.size > 0) log.info(details, "the collector of traces takes spans again");
      told.clear();
    } else if (!told.has(what)) {
      told.add(what);
      log.warn(details, TROUBLES[what]);
    }
  };
}
