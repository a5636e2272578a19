// The least that any receiver of signed webhooks must do, as their yardstick.
import { fileURLToPath } from "node:url";
import { versionOf } from "../installed.mjs";
import { cpuSecondsOf, pssBytesOf } from "../processes.mjs";
import { alive, until } from "../wait.mjs";
import { webhookLoop } from "../webhooks.mjs";
import { WEBHOOK_SECRET } from "./yard-server.mjs";

const SERVER = fileURLToPath(new URL("bare-route-server.mjs", import.meta.url));

export async function createBareRoute(house) {
  const env = { PATH: process.env.PATH, BENCH_WEBHOOK_SECRET: WEBHOOK_SECRET };
  const server = house.start(process.execPath, [SERVER], { env });
  const printed = alive(server, () => /^\d+$/m.exec(server.output())?.[0]);
  const port = Number(await until("the bare route", printed));
  return {
    name: "bare route",
    version: `fastify ${versionOf("fastify")}`,
    notes: ["checks the HMAC of the raw body and keeps nothing; a process of its own"],
    measures: { webhook: (load) => webhookLoop({ port, name: "the bare route", ...load }) },
    readCost: async () => ({ cpuSeconds: cpuSecondsOf([server.pid]) }),
    pssBytes: () => pssBytesOf([server.pid]),
    close: () => server.stop(),
  };
}
