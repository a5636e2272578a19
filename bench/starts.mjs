// Start to ready of the built product with its embedded PostgreSQL: an empty folder, then with data.
import { openConnection } from "./http.mjs";
import { launchYard, portOf, runOf } from "./legs/yard-server.mjs";
import { median } from "./measure.mjs";

const ROUNDS = 5;
const RUNS_BEFORE_RESTART = 200;

async function timedStart(house, folder) {
  const began = performance.now();
  const program = launchYard(house, folder);
  const port = await portOf(program);
  return { seconds: (performance.now() - began) / 1000, program, port };
}

async function leaveData(port) {
  const connection = await openConnection(port);
  for (let n = 0; n < RUNS_BEFORE_RESTART; n += 1) {
    await connection.send(runOf(port, "bench.three", { n }));
  }
  connection.close();
}

export async function measureStarts(house) {
  const empty = [];
  const withData = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const folder = house.folder("start");
    const first = await timedStart(house, folder);
    empty.push(first.seconds);
    await leaveData(first.port);
    await first.program.stop();
    const second = await timedStart(house, folder);
    withData.push(second.seconds);
    await second.program.stop();
  }
  return [
    { title: "start to ready, built, with data", value: median(withData), unit: "s", atMost: 1.5 },
    { title: "start to ready, built, empty folder", value: median(empty), unit: "s", atMost: 5 },
  ];
}
