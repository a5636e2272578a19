// One call after the other: `/bin/true` on a node, beside a bare WebSocket echo plus a bare spawn.
import { amount, printLoad } from "../table.mjs";
import { alternate } from "./alternate.mjs";
import { bareSpawn, yardExec } from "./contenders.mjs";
import { bareEcho } from "./echo.mjs";
import { startPlace } from "./place.mjs";

const MOST_OVER_MS = 2;

export async function measureExec(house, { durationMs, warmUpMs, rounds }) {
  const place = await startPlace(house, "exec");
  const bare = [await bareEcho(house), await bareSpawn(house)];
  try {
    await place.startNode("lab");
    const forms = [
      yardExec(place, { name: "argv", node: "lab", bodyOf: () => ({ argv: ["/bin/true"] }) }),
      yardExec(place, { name: "session", node: "lab", bodyOf: () => ({ command: "/bin/true" }) }),
    ];
    const options = { rounds, inFlight: 1, warmUpMs, durationMs };
    const medians = await alternate([...bare, ...forms], options);
    printLoad({ title: "exec of /bin/true on a node, 1 in flight" }, medians);
    return forms.map(({ name }) => verdictOf(name, medians));
  } finally {
    for (const each of bare) await each.close();
    await place.close();
  }
}

function verdictOf(form, medians) {
  const { p50Ms, p99Ms } = medians[form];
  const [echoMs, spawnMs] = ["bare echo", "bare spawn"].map((name) => medians[name].p50Ms);
  return {
    title: `exec of /bin/true by ${form}, over echo + spawn (p50)`,
    value: p50Ms - echoMs - spawnMs,
    unit: "ms",
    atMost: MOST_OVER_MS,
    detail: `p50 ${amount(p50Ms)}, p99 ${amount(p99Ms)}; echo ${amount(echoMs)} + spawn ${amount(spawnMs)}`,
  };
}
