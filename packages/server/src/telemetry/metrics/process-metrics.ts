import { watchEventLoop } from "./event-loop-lag.ts";
import type { Register } from "./register.ts";

/** What this process uses, read at each scrape. Gives the way out. */
export function processMetrics({ counter, gauge }: Register, version: string): () => void {
  const loop = watchEventLoop();
  gauge("yard_build_info").set({ version, node: process.versions.node }, 1);
  gauge("process_start_time_seconds").set(Date.now() / 1_000 - process.uptime());
  counter("process_cpu_seconds_total", (metric) => {
    const { user, system } = process.cpuUsage();
    metric.inc((user + system) / 1e6);
  });
  gauge("process_resident_memory_bytes", (metric) => metric.set(process.memoryUsage.rss()));
  gauge("nodejs_heap_used_bytes", (metric) => metric.set(process.memoryUsage().heapUsed));
  gauge("yard_event_loop_lag_seconds", (metric) => {
    for (const { quantile, seconds } of loop.read()) metric.set({ quantile }, seconds);
  });
  return loop.close;
}
