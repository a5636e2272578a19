import type { Route } from "../../http/index.ts";
import type { Metrics } from "./metrics.ts";

/** `/metrics`, in the text format of Prometheus. */
export function metricsRoute(metrics: Pick<Metrics, "contentType" | "render">): Route {
  return {
    method: "GET",
    path: "/metrics",
    summary: "Metrics for Prometheus; from this machine without a token.",
    scope: "metrics:read",
    isOpenToLoopback: true,
    responses: { 200: { description: "The metrics", contentType: "text/plain" } },
    handler: async () => ({
      text: await metrics.render(),
      headers: { "content-type": metrics.contentType, "cache-control": "no-store" },
    }),
  };
}
