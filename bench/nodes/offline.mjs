// How soon a call to a node that is not there is refused.
import { openConnection } from "../http.mjs";
import { percentiles } from "../measure.mjs";
import { amount } from "../table.mjs";
import { until } from "../wait.mjs";
import { startPlace } from "./place.mjs";

const CALLS = 100;
const MOST_MS = 50;

export async function measureOffline(house) {
  const place = await startPlace(house, "offline");
  try {
    await place.pair("never-seen");
    const node = await place.startNode("stopped");
    await node.stop();
    await until("goodbye", async () => (await place.statusOf("stopped")) === "disconnected");
    return [await refusals(place, "stopped"), await refusals(place, "never-seen")];
  } finally {
    await place.close();
  }
}

async function refusals(place, node) {
  const connection = await openConnection(place.port);
  const request = place.execOf(node, { argv: ["/bin/true"] });
  const latencies = [];
  for (let n = 0; n < CALLS; n += 1) {
    const asked = performance.now();
    const { status, body } = await connection.send(request);
    latencies.push(performance.now() - asked);
    const { code, detail } = JSON.parse(body);
    if (status !== 409 || code !== "node_offline" || !detail.includes(node))
      throw new Error(`Yardmaster: ${status} ${body}`);
  }
  connection.close();
  const { p50Ms, p99Ms } = percentiles(latencies);
  return {
    title: `a call to a node that is offline (${node}; p99)`,
    value: p99Ms,
    unit: "ms",
    atMost: MOST_MS,
    detail: `p50 ${amount(p50Ms)} of ${CALLS}`,
  };
}
