// How soon a revocation cuts a node off that is connected and at work.
import { openConnection } from "../http.mjs";
import { median } from "../measure.mjs";
import { amount } from "../table.mjs";
import { connectLight } from "./light-client.mjs";
import { startPlace } from "./place.mjs";

const REVOCATIONS = 20;
const MOST_SECONDS = 1;
const REVOKED = 4006;

export async function measureRevoke(house) {
  const place = await startPlace(house, "revoke");
  try {
    const cuts = [];
    for (let n = 0; n < REVOCATIONS; n += 1) cuts.push(await revoke(place, `lab-${n}`));
    const worst = Math.max(...cuts.map(({ linkMs }) => linkMs)) / 1_000;
    const [linkMs, callMs] = ["linkMs", "callMs"].map((key) => median(cuts.map((cut) => cut[key])));
    return [
      {
        title: "revocation until the live link is closed (max)",
        value: worst,
        unit: "s",
        atMost: MOST_SECONDS,
        detail: `median ${amount(linkMs)} ms, its call failed after ${amount(callMs)} ms; of ${REVOCATIONS}`,
      },
    ];
  } finally {
    await place.close();
  }
}

async function revoke(place, name) {
  const { port } = place;
  let onExec;
  const isAtWork = new Promise((resolve) => {
    onExec = () => resolve();
  });
  const token = await place.pairForGood(name);
  const client = await connectLight({ port, name, token, onExec });
  const connection = await openConnection(port);
  const answer = connection.send(place.execOf(name, { argv: ["sleep", "60"] }));
  await isAtWork;
  const asked = performance.now();
  const since = () => performance.now() - asked;
  const [linkMs, callMs] = await Promise.all([
    client.closed.then((code) => expected(code === REVOKED, `closed with ${code}`, since())),
    answer.then(({ body }) => expected(body.includes('"node_revoked"'), body, since())),
    place.ask("POST", `/v1/nodes/${name}/revoke`, {}),
  ]);
  connection.close();
  return { linkMs, callMs };
}

function expected(isSo, what, ms) {
  if (!isSo) throw new Error(`a revoked node: ${what}`);
  return ms;
}
