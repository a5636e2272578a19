// How fast a backlog that is there already is burned down: from the first job that has ended (the start
// of the program is not measured) to the last, each end durable.
import { setTimeout as delay } from "node:timers/promises";
import { othersCpuSeconds } from "./measure.mjs";
import { until } from "./wait.mjs";

const END_TIMEOUT_MS = 600_000;

/**
 * `remaining()` counts the jobs that are left, `isEmpty()` asks cheaply whether there are none; `readCost` as in
 * `drive`.
 */
export async function burnDown({ jobs, remaining, isEmpty, readCost }) {
  const begun = async () => {
    const count = await remaining();
    return count < jobs && { count };
  };
  const { count: total } = await until("the first job", begun, { timeoutMs: 60_000, everyMs: 10 });
  const began = performance.now();
  const costBefore = await readCost();
  const cpuBefore = process.cpuUsage();
  const othersBefore = othersCpuSeconds();
  await until("the last job", isEmpty, { timeoutMs: END_TIMEOUT_MS, everyMs: 25 });
  const seconds = (performance.now() - began) / 1000;
  const othersCores = (othersCpuSeconds() - othersBefore) / seconds;
  const cpu = process.cpuUsage(cpuBefore);
  // Sessions report what they counted up to a second late.
  await delay(1_000);
  const costAfter = await readCost();
  const per = Object.fromEntries(
    Object.keys(costAfter).map((key) => [key, (costAfter[key] - costBefore[key]) / total]),
  );
  const driverCpuSeconds = (cpu.user + cpu.system) / 1e6 / total;
  return {
    count: total,
    ratePerSecond: total / seconds,
    per: { ...per, driverCpuSeconds },
    othersCores,
  };
}
