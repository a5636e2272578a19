// One leg: a closed loop of callers, warmed up, then measured; and medians over legs.
import { setTimeout as delay } from "node:timers/promises";
import { cpuSecondsOf, machineCpuSeconds, treeOf } from "./processes.mjs";

const END_TIMEOUT_MS = 60_000;

/**
 * Keeps `inFlight` calls of `once(slot)` going; counts those that end within the measured time.
 * The first call that fails ends the leg: a rate with failures in it means nothing.
 */
export async function drive({ once, inFlight, warmUpMs, durationMs, readCost }) {
  let latencies = [];
  let stopped = false;
  async function caller(slot) {
    while (!stopped) {
      const began = performance.now();
      await once(slot);
      latencies.push(performance.now() - began);
    }
  }
  const callers = Promise.all(Array.from({ length: inFlight }, (_, slot) => caller(slot)));
  const failed = callers.then(() => {});
  try {
    await Promise.race([delay(warmUpMs), failed]);
    const costBefore = await readCost();
    const cpuBefore = process.cpuUsage();
    const othersBefore = othersCpuSeconds();
    const began = performance.now();
    latencies = [];
    await Promise.race([delay(durationMs), failed]);
    const seconds = (performance.now() - began) / 1000;
    const measured = latencies;
    latencies = [];
    const cpu = process.cpuUsage(cpuBefore);
    const othersCores = (othersCpuSeconds() - othersBefore) / seconds;
    const costAfter = await readCost();
    const driverCpuSeconds = (cpu.user + cpu.system) / 1e6;
    const result = summary({ seconds, measured, costBefore, costAfter, driverCpuSeconds });
    return { ...result, othersCores };
  } finally {
    stopped = true;
    await Promise.race([callers, tooLate()]);
  }
}

/** What processes that have no part in the bench use: a figure taken beside busy ones says little. */
export function othersCpuSeconds() {
  return machineCpuSeconds() - cpuSecondsOf(treeOf(process.pid));
}

async function tooLate() {
  await delay(END_TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`calls still open ${END_TIMEOUT_MS} ms after the leg`);
}

/** Rates per second, latencies in milliseconds, and what one unit of work cost. */
export function summary({ seconds, measured, costBefore, costAfter, driverCpuSeconds }) {
  const count = measured.length;
  const per = Object.fromEntries(
    Object.keys(costAfter).map((key) => [key, (costAfter[key] - costBefore[key]) / count]),
  );
  return {
    count,
    ratePerSecond: count / seconds,
    ...percentiles(measured),
    per: { ...per, driverCpuSeconds: driverCpuSeconds / count },
  };
}

/** The median and the 99th percentile of latencies in milliseconds. */
export function percentiles(latencies) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Field-wise medians of results of one shape. */
export function medianOf(results) {
  return Object.fromEntries(
    Object.entries(results[0]).map(([key, value]) => {
      const all = results.map((result) => result[key]);
      return [key, typeof value === "number" ? median(all) : medianOf(all)];
    }),
  );
}
