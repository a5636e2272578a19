import { createCollector } from "./collector.ts";
import { createExporter, EXPORTER_OPTIONS, type Exporter, type TraceLog } from "./exporter.ts";
import { exportRequest } from "./otlp.ts";

export interface TracingOptions {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly serviceName: string;
  readonly version: string;
}

const TIMEOUT_MS = 10_000;
/** The server has stopped by then, and must not be held up by a collector that does not answer. */
const MOST_CLOSING_MS = 5_000;

/** An exporter to the collector at this URL. Only what traces loads this module. */
export function createTracing(options: TracingOptions, log: TraceLog): Exporter {
  const { url, headers, ...resource } = options;
  const exporter = createExporter(
    {
      send: createCollector({ url, headers, timeoutMs: TIMEOUT_MS, now: Date.now }),
      encode: (spans) => exportRequest(resource, spans),
      random: Math.random,
      log,
    },
    EXPORTER_OPTIONS,
  );
  return {
    ...exporter,
    close: (graceMs) => exporter.close(Math.min(graceMs, MOST_CLOSING_MS)),
  };
}
