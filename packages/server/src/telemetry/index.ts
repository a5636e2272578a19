export { createLogger, type Logger } from "./log.ts";
export { METRICS, type MetricKind } from "./metrics/catalog.ts";
export { metricsRoute } from "./metrics/metrics.routes.ts";
export { createMetrics, type Metrics } from "./metrics/metrics.ts";
export { createScrubber, isSecretName, REDACTED } from "./redact.ts";
export { openTraces, type Traces } from "./traces/open-traces.ts";
