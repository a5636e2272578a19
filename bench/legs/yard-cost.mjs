import { cpuSecondsOf, treeOf } from "../processes.mjs";

/** What the product and its PostgreSQL have cost so far. */
export async function readCost(postgres, ...servers) {
  const counters = await postgres.counters();
  const pids = servers.flatMap(({ pid }) => treeOf(pid));
  return { ...counters, cpuSeconds: counters.cpuSeconds + cpuSecondsOf(pids) };
}
