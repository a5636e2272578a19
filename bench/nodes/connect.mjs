// How soon a client that has just been started is connected: from its dial to the server's auth_ok.
import { median, percentiles } from "../measure.mjs";
import { amount } from "../table.mjs";
import { startPlace, YARD_NODE } from "./place.mjs";
import { openTap } from "./tap.mjs";

const CLIENTS = 50;
const MOST_MS = 200;

export async function measureConnect(house) {
  const place = await startPlace(house, "connect");
  const tap = await openTap(place.port);
  try {
    const logins = [];
    for (let n = 0; n < CLIENTS; n += 1) logins.push(await connectOnce(house, place, tap, n));
    const dials = logins.map(({ fromDialMs }) => fromDialMs);
    const starts = logins.map(({ fromStartMs }) => fromStartMs);
    return [
      {
        title: "a fresh client connects: dial to auth_ok (median)",
        value: median(dials),
        unit: "ms",
        atMost: MOST_MS,
        detail: `p99 ${amount(percentiles(dials).p99Ms)}; from the start of its process ${amount(median(starts))}; of ${CLIENTS}`,
      },
    ];
  } finally {
    tap.close();
    await place.close();
  }
}

async function connectOnce(house, place, tap, n) {
  const state = `${place.folder}/lab-${n}`;
  const yardNode = (...args) =>
    house.start(process.execPath, [YARD_NODE, ...args, "--state", state], {
      cwd: place.folder,
      env: { PATH: process.env.PATH, HOME: place.folder },
    });
  const server = ["--server", `ws://127.0.0.1:${tap.port}`];
  const pairing = yardNode("pair", ...server, `--token=${await place.pair(`lab-${n}`)}`);
  const [code] = await pairing.ended;
  if (code !== 0) throw new Error(`yard-node pair: ${pairing.output()}`);
  const login = tap.login();
  const startedAtMs = performance.now();
  const client = yardNode("run");
  const failed = client.ended.then(() => Promise.reject(new Error(client.output())));
  const { dialledAtMs, letInAtMs } = await Promise.race([login, failed]);
  failed.catch(() => undefined);
  await client.stop();
  return { fromDialMs: letInAtMs - dialledAtMs, fromStartMs: letInAtMs - startedAtMs };
}
